import { _t } from "./i18n";

/**
 * What went wrong and what to do now. Codes that mean the same everywhere have words of
 * their own; for the others the server's are the more exact.
 *
 * @param {import("./api").ApiError} error
 */
export function errorWords(error) {
    const words = {
        slot_taken: _t("Somebody was faster: please choose another time."),
        offer_expired: _t("This price is no longer open: please choose it anew."),
        no_tariff: _t("This time has no price yet: please choose another, or ask the store."),
        payment_failed: _t("The payment did not go through: please try again."),
        rate_limited: _t("That was very often: please wait a moment and try again."),
        not_found: _t("This is not here, or no longer."),
        too_large: _t("That is too large to send."),
        internal: _t("Something broke on our side. Please try again in a moment."),
    };
    return error.fields[0]?.message || words[error.code] || error.message;
}
