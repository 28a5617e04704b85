import { animationFrame, click, describe, expect, queryOne, test } from "@odoo/hoot";
import { ApiError } from "@teahouse_base/app/core/api";
import { DevicePanel, DoorPanel } from "@teahouse_iot/app/door";
import { makeServices, mountPart } from "@teahouse_base/../tests/app/helpers";

const BOOKING = { ref: "ABC", state: "in_use", doors: true };
const LIGHT = { id: 7, name: "Lamp", kind: "light", online: true, on: false, actions: ["on", "off", "set"] };
const POWER = { id: 8, name: "Sockets", kind: "power", online: false, on: true, actions: ["on", "off"] };
const COMMANDS = "POST /bookings/ABC/devices/7/commands";

async function showPart(Part, answers) {
    const services = makeServices({
        "GET /bookings/ABC/devices": () => ({ items: [{ ...LIGHT }, { ...POWER }] }),
        ...answers,
    });
    await mountPart(Part, { props: { booking: BOOKING, reload: async () => {} }, services });
    await animationFrame();
    return services;
}

describe("devices of a room", () => {
    test("a switch shows at once what was asked for, and a light its brightness", async () => {
        const { calls } = await showPart(DevicePanel, { [COMMANDS]: () => ({ state: "queued" }) });
        expect("input[type=range]").toHaveCount(0);
        await click("[role=switch]:contains(Lamp)");
        await animationFrame();
        expect("[role=switch]:contains(Lamp)").toHaveAttribute("aria-checked", "true");
        const level = queryOne("input[type=range]");
        level.value = 40;
        level.dispatchEvent(new Event("change"));
        await animationFrame();
        expect(calls.slice(1).map(({ body }) => body)).toEqual([
            { action: "on" },
            { action: "set", value: 40 },
        ]);
        expect(".th-level strong").toHaveText("40%");
    });

    test("what cannot be reached is told, and taken back", async () => {
        const { toast } = await showPart(DevicePanel, {
            [COMMANDS]: () => {
                throw new ApiError(503, { code: "device_offline" });
            },
        });
        expect("[role=switch]:contains(Sockets)").not.toBeEnabled();
        await click("[role=switch]:contains(Lamp)");
        await animationFrame();
        expect("[role=switch]:contains(Lamp)").toHaveAttribute("aria-checked", "false");
        expect(toast.shown[0].tone).toBe("bad");
    });
});

describe("the door", () => {
    test("a lock without a net leads to the PIN", async () => {
        await showPart(DoorPanel, {
            "POST /bookings/ABC/door/open": () => {
                const errors = [{ field: "pin", message: "482913" }];
                throw new ApiError(503, { code: "device_offline", errors });
            },
        });
        await click(".th-door");
        await animationFrame();
        expect(".th-door").toHaveClass("th-door--bad");
        expect(".th-big").toHaveText("482913");
    });

    test("the lock's own answer opens it", async () => {
        const { calls } = await showPart(DoorPanel, {
            "POST /bookings/ABC/door/open": () => ({ command_id: "c1", state: "done" }),
        });
        await click(".th-door");
        await animationFrame();
        expect(".th-door").toHaveClass("th-door--open");
        expect(calls[0].body).toEqual({ door: "room" });
        expect(calls[0].key.length).toBeGreaterThan(8);
    });
});
