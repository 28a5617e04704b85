import {useState} from "@odoo/owl";
import {browser} from "@web/core/browser/browser";
import {dragged} from "./geometry";

/** Pointers tremble: less than this is a click. */
const TREMBLE = 5;
const MOVABLE = ["hold", "confirmed", "in_use"];

/**
 * Dragging of stays over the board.
 *
 * @param {Object} board
 * @param {() => {step: number, rows: number, view: Object}} board.frame
 * @param {(origin, target, mode) => Promise} board.drop asks the server
 * @param {() => number} board.scrolled pixels scrolled so far, for both directions
 */
export function useDrag({frame, drop, scrolled}) {
    const drag = useState({bar: null, mode: null, target: null, moved: false});
    let begun = null;

    function onMove(event) {
        const now = scrolled();
        const moved = {
            dx: event.clientX - begun.x + now.left - begun.scroll.left,
            dy: event.clientY - begun.y + now.top - begun.scroll.top,
        };
        if (!drag.moved && Math.hypot(moved.dx, moved.dy) < TREMBLE) {
            return;
        }
        drag.moved = true;
        drag.target = dragged(begun.origin, moved, drag.mode, frame());
    }

    async function onUp() {
        stop();
        const {bar, target, mode, moved} = drag;
        const origin = begun.origin;
        const same =
            !target ||
            (target.from === origin.from &&
                target.to === origin.to &&
                target.row === origin.row);
        if (moved && !same) {
            await drop(bar, target, mode);
        }
        Object.assign(drag, {bar: null, target: null, mode: null});
        // The click that follows the release is none.
        browser.setTimeout(() => (drag.moved = false));
    }

    function onKey(event) {
        if (event.key === "Escape") {
            stop();
            Object.assign(drag, {bar: null, target: null, mode: null, moved: false});
        }
    }

    function stop() {
        browser.removeEventListener("pointermove", onMove);
        browser.removeEventListener("pointerup", onUp);
        browser.removeEventListener("keydown", onKey, true);
    }

    function start(event, bar, row, mode) {
        if (event.button !== 0 || bar.shadow || !MOVABLE.includes(bar.state)) {
            return;
        }
        event.stopPropagation();
        begun = {
            x: event.clientX,
            y: event.clientY,
            scroll: scrolled(),
            origin: {from: bar.from, to: bar.to, row},
        };
        Object.assign(drag, {bar, mode, target: null, moved: false});
        browser.addEventListener("pointermove", onMove);
        browser.addEventListener("pointerup", onUp);
        browser.addEventListener("keydown", onKey, true);
    }

    return {drag, start, stop};
}
