import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {useService} from "@web/core/utils/hooks";
import {BoardException} from "./board_exception";
import {write} from "./board_model";

const BOOKING = "teahouse.booking";
const TWO_HOURS = 120 * 60000;

/**
 * What can be done on the board. The server decides; what it refuses is said in its
 * words, and nothing moves.
 *
 * @param {BoardModel} model
 * @param {() => Promise} reload
 * @param {{label: Function, when: Function}} words
 */
export function useActs(model, reload, {label, when}) {
    const orm = useService("orm");
    const action = useService("action");
    const dialog = useService("dialog");
    const notification = useService("notification");

    const refuse = (words) => notification.add(words, {type: "danger"});
    const ask = (body, confirm, more = {}, options = {}) =>
        dialog.add(ConfirmationDialog, {body, confirm, cancel: () => {}, ...more}, options);

    function open(resModel, name, context) {
        return action.doAction(
            {
                type: "ir.actions.act_window",
                name,
                res_model: resModel,
                views: [[false, "form"]],
                target: "new",
                context,
            },
            {onClose: reload}
        );
    }

    function book(room, start) {
        const walkIn = start <= Date.now();
        return open("teahouse.booking.counter", _t("Book %s", room.name), {
            default_mode: walkIn ? "walk_in" : "book",
            default_room_id: room.id,
            default_start: write(start),
            teahouse_board: true,
        });
    }

    /** Close a room from an instant on. Staff say until when. */
    function close(room, start) {
        return open("teahouse.closing", _t("Close %s for some time", room.name), {
            default_store_id: model.store.id,
            default_room_id: room.id,
            default_start: write(start),
            default_end: write(start + TWO_HOURS),
        });
    }

    /** Call the server. What it answers, null after a refusal; the rooms are drawn anew. */
    async function attempt(roomIds, method, args, kwargs = {}) {
        let answer = null;
        try {
            answer = await orm.call(BOOKING, method, args, kwargs);
        } catch (error) {
            const words = error?.data?.message;
            if (!words) {
                throw error;
            }
            refuse(words);
        }
        await model.refresh(roomIds);
        return answer;
    }

    /** Move a stay. Where only a rule is in the way, managers are asked for a reason. */
    async function move(bar, roomId, target, plan) {
        const where = [[bar.id], roomId, write(target.from), write(target.to)];
        const rooms = [...new Set([bar.room_id, roomId])];
        const answer = await attempt(rooms, "board_move", where);
        if (!answer?.refused) {
            return;
        }
        if (!answer.exception) {
            refuse(answer.refused);
            return;
        }
        dialog.add(BoardException, {
            refusal: answer.refused,
            plan,
            confirm: (reason) => attempt(rooms, "action_move_to", where, {reason}),
        });
    }

    function drop(bar, target, mode) {
        const room = mode === "move" ? model.found[target.row] : null;
        const plan = _t("%(guest)s: %(old)s becomes %(new)s. Guests hear of it.", {
            guest: label(bar),
            old: when(bar),
            new: `${room ? `${room.name} ` : ""}${when(target)}`,
        });
        return new Promise((resolve) => {
            ask(
                plan,
                () => move(bar, room ? room.id : bar.room_id, target, plan),
                {
                    title: mode === "move" ? _t("Move the stay?") : _t("Change its end?"),
                    confirmLabel: mode === "move" ? _t("Move") : _t("Change"),
                },
                {onClose: resolve}
            );
        });
    }

    function act(verb, bar) {
        const call = (method, ...args) =>
            attempt([bar.room_id], method, [[bar.id], ...args]);
        const verbs = {
            open: () =>
                action.doAction({
                    type: "ir.actions.act_window",
                    res_model: BOOKING,
                    res_id: bar.id,
                    views: [[false, "form"]],
                }),
            checkIn: () => call("action_check_in"),
            extend: () => call("action_extend", 30),
            checkOut: () =>
                ask(_t("End this stay now?"), () => call("action_checkout")),
            noShow: () =>
                ask(_t("Did really nobody come?"), () => call("action_mark_no_show")),
            cancel: () =>
                open("teahouse.booking.cancel", _t("Cancel"), {
                    default_booking_id: bar.id,
                }),
        };
        return verbs[verb]();
    }

    return {act, book, close, drop};
}
