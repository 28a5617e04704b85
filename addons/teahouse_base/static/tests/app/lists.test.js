import { animationFrame, click, describe, expect, test } from "@odoo/hoot";
import { ApiError } from "@teahouse_base/app/core/api";
import { InboxScreen } from "@teahouse_base/app/screens/me";
import { StoresScreen } from "@teahouse_base/app/screens/stores";
import { makeServices, mountPart } from "./helpers";

const PROPS = { params: {}, query: {} };
const store = (id) => ({ id, name: `Store ${id}`, address: "", state: "open", facilities: [] });
const message = (id) => ({ id, title: `Message ${id}`, body: "", read: false, sent_at: null });

/** Answers a page after the other, and then with what the net does. */
function pages(...answers) {
    return () => {
        const answer = answers.shift();
        if (!answer) {
            throw new ApiError(0, { code: "no_network" });
        }
        return answer;
    };
}

describe("lists that are longer than a page", () => {
    test("more stores come below those that are there", async () => {
        const services = makeServices({
            "GET /stores": pages(
                { items: [store(1), store(2)], next_cursor: "c" },
                { items: [store(3)], next_cursor: null }
            ),
        });
        await mountPart(StoresScreen, { props: PROPS, services });
        await animationFrame();
        await click("button:contains(More stores)");
        await animationFrame();
        expect(".th-list h2").toHaveCount(3);
        expect("button:contains(More stores)").toHaveCount(0);
    });

    test("without a net the list stays, and it can be asked for again", async () => {
        const services = makeServices({
            "GET /stores": pages({ items: [store(1)], next_cursor: "c" }),
        });
        await mountPart(StoresScreen, { props: PROPS, services });
        await animationFrame();
        await click("button:contains(More stores)");
        await animationFrame();
        expect(".th-list h2").toHaveCount(1);
        expect(services.toast.shown[0].tone).toBe("bad");
        expect("button:contains(More stores)").toBeEnabled();
    });

    test("messages are read one by one, and earlier ones are fetched", async () => {
        const services = makeServices({
            "GET /me/notifications": pages(
                { items: [message(2)], next_cursor: "c" },
                { items: [message(1)], next_cursor: null }
            ),
            "POST /me/notifications/2/read": () => ({}),
        });
        await mountPart(InboxScreen, { props: PROPS, services });
        await animationFrame();
        await click("summary:contains(Message 2)");
        await animationFrame();
        await click("button:contains(Earlier messages)");
        await animationFrame();
        expect("summary").toHaveCount(2);
        const read = services.calls.filter(({ path }) => path.endsWith("/read"));
        expect(read).toHaveLength(1);
    });
});
