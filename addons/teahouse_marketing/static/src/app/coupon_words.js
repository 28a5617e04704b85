import { duration, money } from "@teahouse_base/app/core/format";
import { _t } from "@teahouse_base/app/core/i18n";

/** What a coupon gives, large on its card: `¥20.00`, `15% off`, `1 h free`. */
export function couponValue({ kind, value, minutes, currency }) {
    switch (kind) {
        case "amount":
            return money(value, currency);
        case "percent":
            return _t("%(percent)s% off", { percent: value });
        case "free_time":
            return _t("%(time)s free", { time: duration(minutes) });
        default:
            return _t("%(time)s more", { time: duration(minutes) });
    }
}

/** Under which conditions, each in a few words. */
export function couponTerms(coupon) {
    const { minimum, cap, audience, days, stacks, currency, store_ids } = coupon;
    return [
        Number(minimum) > 0 && _t("from %(amount)s", { amount: money(minimum, currency) }),
        cap && _t("at most %(amount)s", { amount: money(cap, currency) }),
        audience === "newcomer" && _t("for the first stay"),
        audience === "birthday" && _t("in the month of your birthday"),
        days,
        store_ids.length && _t("in some stores"),
        !stacks && _t("not with others"),
    ].filter(Boolean);
}
