import { animationFrame, click, Deferred, describe, expect, press, test } from "@odoo/hoot";
import { Component, xml } from "@odoo/owl";
import { Empty, Failure, Sheet, Skeleton, Slot } from "@teahouse_base/app/components/parts";
import { ApiError } from "@teahouse_base/app/core/api";
import { useAction, useLoad } from "@teahouse_base/app/core/hooks";
import { slots } from "@teahouse_base/app/core/registries";
import { makeServices, mountPart } from "./helpers";

describe("parts of screens", () => {
    test("a skeleton has the shape of what comes, and says that it waits", async () => {
        await mountPart(Skeleton, { props: { rows: 2, height: 40 } });
        expect("[role=status][aria-busy=true]").toHaveCount(1);
        expect(".th-skeleton").toHaveCount(2);
    });

    test("an empty list says what to do first", async () => {
        await mountPart(Empty, { props: { title: "No bookings yet", text: "Find a room" } });
        expect(".th-empty h2").toHaveText("No bookings yet");
        expect(".th-empty p").toHaveText("Find a room");
    });

    test("a failure can be tried again", async () => {
        const error = new ApiError(404, { code: "not_found", detail: "x" });
        await mountPart(Failure, { props: { error, retry: () => expect.step("again") } });
        await click(".th-empty button");
        expect.verifySteps(["again"]);
    });

    test("a sheet is a dialog that closes by its button and beside it", async () => {
        class Parent extends Component {
            static components = { Sheet };
            static template = xml`<Sheet title="'Sure?'" onClose="props.onClose"><p>Text</p></Sheet>`;
            static props = ["*"];
        }
        await mountPart(Parent, { props: { onClose: () => expect.step("closed") } });
        expect("[role=dialog][aria-modal=true]").toHaveAttribute("aria-label", "Sure?");
        await click(".th-sheet button.th-icon-button");
        await click(".th-sheet__shade", { position: { x: 4, y: 4 } });
        expect.verifySteps(["closed", "closed"]);
    });

    test("the keyboard stays in a sheet, and Escape closes it", async () => {
        class Parent extends Component {
            static components = { Sheet };
            static template = xml`<button class="outside">Outside</button><Sheet title="'Sure?'" onClose="props.onClose"><button class="yes">Yes</button></Sheet>`;
            static props = ["*"];
        }
        await mountPart(Parent, { props: { onClose: () => expect.step("closed") } });
        expect(".th-sheet__panel").toBeFocused();
        await press("Tab");
        expect(".th-sheet .th-icon-button").toBeFocused();
        await press("Tab");
        expect(".yes").toBeFocused();
        await press("Tab");
        expect(".th-sheet .th-icon-button").toBeFocused();
        await press("Tab", { shiftKey: true });
        expect(".yes").toBeFocused();
        await press("Escape");
        expect.verifySteps(["closed"]);
    });

    test("a slot draws what addons put there, with what its owner hands on", async () => {
        class Part extends Component {
            static template = xml`<p class="part" t-esc="props.store.name"/>`;
            static props = { store: Object };
        }
        slots.add("test/part", { slot: "test_slot", component: Part });
        await mountPart(Slot, { props: { name: "test_slot", with: { store: { name: "Hefang" } } } });
        expect(".part").toHaveText("Hefang");
        slots.remove("test/part");
    });
});

describe("loading and doing", () => {
    test("the latest answer wins, however late an older one comes", async () => {
        const answers = [new Deferred(), new Deferred()];
        let load;
        class Parent extends Component {
            static template = xml`<p class="data" t-esc="load.data or ''"/>`;
            static props = [];
            setup() {
                let asked = 0;
                load = this.load = useLoad(() => answers[asked++]);
            }
        }
        await mountPart(Parent);
        load.reload();
        answers[1].resolve("new");
        await animationFrame();
        answers[0].resolve("old");
        await animationFrame();
        expect(".data").toHaveText("new");
    });

    test("a double tap does it once, and a refusal is told in words", async () => {
        const services = makeServices();
        const refused = new ApiError(409, { code: "slot_taken", detail: "taken" });
        const answer = new Deferred();
        class Parent extends Component {
            static template = xml`<button t-on-click="act">Do</button>`;
            static props = [];
            setup() {
                this.action = useAction();
            }
            act() {
                return this.action.run(() => {
                    expect.step("done");
                    return answer;
                });
            }
        }
        await mountPart(Parent, { services });
        await click("button");
        await click("button");
        expect.verifySteps(["done"]);
        answer.reject(refused);
        await animationFrame();
        expect(services.toast.shown).toHaveLength(1);
        expect(services.toast.shown[0].tone).toBe("bad");
    });
});
