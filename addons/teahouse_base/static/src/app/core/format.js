import { session } from "@web/session";
import { _t } from "./i18n";

const locale = session.lang.replace("_", "-");

/** `"125.00"` with a currency -> `¥125.00`. Money stays a decimal string until here. */
export function money(amount, currency = "CNY") {
    return new Intl.NumberFormat(locale, {
        style: "currency",
        currency,
        currencyDisplay: "narrowSymbol",
    }).format(Number(amount));
}

/** Metres -> `850 m`, `3.2 km`. */
export function distance(metres) {
    if (metres < 1000) {
        return `${Math.round(metres / 10) * 10} m`;
    }
    return `${(metres / 1000).toFixed(metres < 10000 ? 1 : 0)} km`;
}

/**
 * The clock of an instant as the store reads it: the API answers in the store's zone,
 * so the text itself holds the local time, wherever the phone is.
 */
export function clock(instant) {
    return instant.slice(11, 16);
}

/** `2026-11-23T14:00+08:00` -> `11月23日 周一`, in the store's zone. */
export function day(instant) {
    const [year, month, date] = instant.slice(0, 10).split("-").map(Number);
    return new Intl.DateTimeFormat(locale, {
        month: "short",
        day: "numeric",
        weekday: "short",
        timeZone: "UTC",
    }).format(Date.UTC(year, month - 1, date));
}

/** `14:00 – 16:00`, with the day of the end where it is another. */
export function span(start, end) {
    const until = start.slice(0, 10) === end.slice(0, 10) ? clock(end) : `${day(end)} ${clock(end)}`;
    return `${clock(start)} – ${until}`;
}

/** Minutes -> `1 h 30 min`; days where hours no longer say anything. */
export function duration(minutes) {
    const hours = Math.floor(minutes / 60);
    const rest = Math.round(minutes % 60);
    if (hours >= 48) {
        return _t("%(days)s days", { days: Math.floor(hours / 24) });
    }
    if (!hours) {
        return _t("%(minutes)s min", { minutes: rest });
    }
    if (!rest) {
        return _t("%(hours)s h", { hours });
    }
    return _t("%(hours)s h %(minutes)s min", { hours, minutes: rest });
}

export function minutesBetween(start, end) {
    return Math.round((new Date(end) - new Date(start)) / 60000);
}

/** The offset (`+08:00`) that the store's instants carry. */
export function offsetOf(instant) {
    return /(Z|[+-]\d\d:\d\d)$/.exec(instant)[0];
}

/** Add minutes to an instant and keep writing it in the same offset. */
export function addMinutes(instant, minutes) {
    const offset = offsetOf(instant);
    const sign = offset[0] === "-" ? -1 : 1;
    const shift =
        offset === "Z" ? 0 : sign * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6)));
    const local = new Date(new Date(instant).getTime() + (minutes + shift) * 60000);
    return local.toISOString().slice(0, 19) + offset;
}
