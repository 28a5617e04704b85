import { hostApp } from "@teahouse_base/app/core/platform";

/**
 * Where the app runs decides how a provider takes the money: in its own app by its
 * dialog, in a phone's browser on its page, at a desk by a code for the phone.
 *
 * @param {string} method
 * @param {string} [agent]
 * @returns {string} a scene of the API
 */
export function sceneOf(method, agent = navigator.userAgent) {
    if (hostApp(agent) === method) {
        return "jsapi";
    }
    return /Mobi/.test(agent) ? "h5" : "native";
}

/** Whether a method can be used here: neither app opens the other's payment. */
export function usable(method, host = hostApp()) {
    return !host || !["wechat", "alipay"].includes(method) || method === host;
}

/** The bridge that WeChat or Alipay puts into its pages, once it is there. */
function bridge(name, event) {
    if (window[name]) {
        return Promise.resolve(window[name]);
    }
    return new Promise((resolve) => {
        document.addEventListener(event, () => resolve(window[name]), { once: true });
    });
}

/**
 * Let WeChat or Alipay ask for the money in its own dialog. What it answers is a hint
 * only: whether it was paid, the server says.
 *
 * @param {string} method wechat or alipay
 * @param {object} params as the API gave them
 * @returns {Promise<"paid" | "cancelled" | "failed">}
 */
export async function askInApp(method, params) {
    if (method === "wechat") {
        const wechat = await bridge("WeixinJSBridge", "WeixinJSBridgeReady");
        const { err_msg } = await new Promise((resolve) => {
            wechat.invoke("getBrandWCPayRequest", params, resolve);
        });
        const answers = {
            "get_brand_wcpay_request:ok": "paid",
            "get_brand_wcpay_request:cancel": "cancelled",
        };
        return answers[err_msg] || "failed";
    }
    const alipay = await bridge("AlipayJSBridge", "AlipayJSBridgeReady");
    const { resultCode } = await new Promise((resolve) => {
        alipay.call("tradePay", { tradeNO: params.tradeNO }, resolve);
    });
    return { 9000: "paid", 8000: "paid", 6004: "paid", 6001: "cancelled" }[resultCode] || "failed";
}

/**
 * The page of the provider that takes the money, if it has one here.
 *
 * @param {object} params as the API gave them
 * @param {string} back where WeChat's page shall send the visitor
 * @returns {string | null}
 */
export function payPage(params, back) {
    if (params.h5_url?.includes("wx.tenpay.com")) {
        return `${params.h5_url}&redirect_url=${encodeURIComponent(back)}`;
    }
    return params.h5_url || params.page_url || null;
}
