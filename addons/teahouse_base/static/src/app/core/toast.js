import { reactive } from "@odoo/owl";

const SECONDS = 4;

/** Short words at the bottom of the screen, read out by screen readers. */
export function makeToast() {
    let timer;
    const toast = reactive({
        text: "",
        tone: "plain",
        show(text, tone = "plain") {
            Object.assign(toast, { text: String(text), tone });
            clearTimeout(timer);
            timer = setTimeout(() => (toast.text = ""), SECONDS * 1000);
        },
    });
    return toast;
}
