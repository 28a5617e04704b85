import { _t } from "./i18n";

/** Codes that have many reasons. */
const SERVER_KNOWS = [
    "device_offline",
    "forbidden",
    "invalid_request",
    "invalid_state",
    "outside_window",
    "payment_due",
    "unauthenticated",
];

/**
 * What went wrong and what to do now. Each code of the contract has words; where a code
 * has many reasons, the server's own are the more exact.
 *
 * @param {import("./api").ApiError} error
 */
export function errorWords(error) {
    const words = {
        unauthenticated: _t("Please sign in again."),
        forbidden: _t("This is not open to you. The store can tell you more."),
        not_found: _t("This is not here, or no longer."),
        slot_taken: _t("Somebody was faster: please choose another time."),
        outside_window: _t("The store cannot be booked at this time: please choose another."),
        no_tariff: _t("This time has no price yet: please choose another, or ask the store."),
        idempotency_mismatch: _t("This was sent before in another form: please start anew."),
        offer_expired: _t("This price is no longer open: please choose it anew."),
        payment_failed: _t("The payment did not go through: please try again."),
        payment_due: _t("Something is still to be paid: you find it in your bookings."),
        rate_limited: _t("That was very often: please wait a moment and try again."),
        too_large: _t("That is too large to send."),
        device_offline: _t("The device does not answer: please use the PIN at the lock."),
        invalid_request: _t("Something does not fit yet: please look at it again."),
        invalid_state: _t("That is not possible any more: what you see may be old."),
        internal: _t("Something broke on our side. Please try again in a moment."),
        no_network: _t("No connection. Nothing was lost: please try again."),
    };
    // The server knows better why just this is refused, or what is wrong with a field.
    const exact = SERVER_KNOWS.includes(error.code) && error.problem.detail;
    return error.fields[0]?.message || exact || words[error.code] || error.message;
}
