import { after, describe, expect, mockFetch, runAllTimers, test } from "@odoo/hoot";
import { Api } from "@teahouse_base/app/core/api";
import { errorWords } from "@teahouse_base/app/core/errors";
import { addMinutes, distance, minutesBetween, span } from "@teahouse_base/app/core/format";
import { matchPath, readHash } from "@teahouse_base/app/core/router";

const json = (body, status = 200) =>
    new Response(JSON.stringify(body), {
        status,
        headers: { "Content-Type": "application/json" },
    });

/** A server that answers one after the other; `null` is an answer lost on the way. */
function answering(...answers) {
    const keys = [];
    mockFetch((_url, { headers }) => {
        keys.push(new Headers(headers).get("Idempotency-Key"));
        const answer = answers.shift();
        if (!answer) {
            throw new TypeError("Failed to fetch");
        }
        return answer;
    });
    after(() => mockFetch(null));
    return keys;
}

/** Wait for a promise whose way leads over timers. */
async function over(promise) {
    let done = false;
    const outcome = promise.then(
        (value) => ({ value }),
        (error) => ({ error })
    );
    outcome.then(() => (done = true));
    while (!done) {
        await runAllTimers();
    }
    return outcome;
}

describe("addresses", () => {
    const screens = [{ path: "/stores/:id" }, { path: "/bookings" }];

    test("a path finds its screen and what it names", () => {
        expect(matchPath(screens, "/stores/7").params).toEqual({ id: "7" });
        expect(matchPath(screens, "/bookings").screen).toBe(screens[1]);
        expect(matchPath(screens, "/stores/7/rooms")).toBe(null);
    });

    test("the hash carries path and query", () => {
        expect(readHash("#/login?next=%2Fme")).toEqual({ path: "/login", query: { next: "/me" } });
        expect(readHash("")).toEqual({ path: "/", query: {} });
    });
});

describe("times as the store reads them", () => {
    test("a stay over midnight names the other day", () => {
        expect(span("2026-11-23T22:00:00+08:00", "2026-11-23T23:30:00+08:00")).toBe("22:00 – 23:30");
        expect(span("2026-11-23T22:00:00+08:00", "2026-11-24T01:00:00+08:00")).toMatch(/01:00$/);
    });

    test("minutes are added in the store's own offset", () => {
        expect(addMinutes("2026-11-23T23:30:00+08:00", 60)).toBe("2026-11-24T00:30:00+08:00");
        expect(addMinutes("2026-11-23T23:30:00-03:30", 60)).toBe("2026-11-24T00:30:00-03:30");
        expect(addMinutes("2026-11-23T23:30:00Z", 60)).toBe("2026-11-24T00:30:00Z");
        expect(minutesBetween("2026-11-23T22:00:00+08:00", "2026-11-23T15:00:00Z")).toBe(60);
    });

    test("far is told in kilometres", () => {
        expect(distance(847)).toBe("850 m");
        expect(distance(3240)).toBe("3.2 km");
    });
});

describe("a bad network", () => {
    test("a lost answer is asked for again under the same key", async () => {
        const keys = answering(null, null, json({ ref: "A" }));
        const { value } = await over(new Api().post("/bookings", {}));
        expect(value).toEqual({ ref: "A" });
        expect(keys).toHaveLength(3);
        expect(new Set(keys).size).toBe(1);
    });

    test("without a net the visitor is told, in the end", async () => {
        const keys = answering();
        const { error } = await over(new Api().get("/stores"));
        expect(error.code).toBe("no_network");
        expect(keys).toHaveLength(4);
    });

    test("what has no key is never sent twice", async () => {
        const keys = answering(null, json({}));
        const { error } = await over(new Api().patch("/me", {}));
        expect(error.code).toBe("no_network");
        expect(keys).toHaveLength(1);
    });

    test("a refusal is not asked for again", async () => {
        const keys = answering(json({ code: "slot_taken" }, 409));
        const { error } = await over(new Api().post("/bookings", {}));
        expect(error.code).toBe("slot_taken");
        expect(keys).toHaveLength(1);
    });

    test("a session that is over signs the visitor out", async () => {
        answering(json({ code: "unauthorized" }, 401));
        const api = new Api();
        api.token = "old";
        api.onSignedOut = () => expect.step("signed out");
        await over(api.get("/me"));
        expect.verifySteps(["signed out"]);
    });
});

describe("what went wrong", () => {
    const error = (code, fields = []) => ({ code, fields, message: "the server's words" });

    test("a field's own words come first, then the code's, then the server's", () => {
        expect(errorWords(error("slot_taken", [{ field: "start", message: "Too late" }]))).toBe("Too late");
        expect(errorWords(error("slot_taken"))).not.toBe("the server's words");
        expect(errorWords(error("a_code_of_tomorrow"))).toBe("the server's words");
    });
});
