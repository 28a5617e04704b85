import {markRaw, useEffect, useState} from "@odoo/owl";
import {useBus, useService} from "@web/core/utils/hooks";
import {freeFrom, walk} from "./walk";

/**
 * The board by keys: arrows walk over rooms and stays, Enter opens, N books.
 *
 * @param {Object} board
 * @param {BoardModel} board.model
 * @param {{el: HTMLElement | null}} board.scroll what scrolls
 * @param {() => Cursor | null} board.begin where the first key leads
 * @param {(cursor: Cursor) => void} board.reveal scrolls there
 * @param {(room: Object, start: number) => Promise} board.book
 */
export function useKeys({model, scroll, begin, reveal, book}) {
    const keys = useState({cursor: null});
    const staysOf = (roomId) => model.byRoom.get(roomId) || [];
    const has = (cursor) =>
        staysOf(cursor.room).some((bar) => bar.id === cursor.bar) || !cursor.bar;

    /** Give the focus to where one stands, unless it is somewhere else on purpose. */
    function focus() {
        const mark = keys.cursor && scroll.el?.querySelector("[data-cursor]");
        const {activeElement} = document;
        const ours = activeElement === document.body || scroll.el?.contains(activeElement);
        if (mark && ours) {
            mark.focus({preventScroll: true});
        }
    }

    useEffect(focus, () => [keys.cursor, model.version]);
    // A dialog that has gone leaves the focus nowhere.
    useBus(useService("ui").bus, "active-element-changed", focus);

    function put(cursor) {
        keys.cursor = cursor && markRaw(cursor);
        if (cursor) {
            reveal(cursor);
        }
    }

    function leave() {
        keys.cursor = null;
        scroll.el.focus({preventScroll: true});
    }

    /** Book where one stands; after the stay and its cleaning, if one stands on one. */
    function bookHere() {
        const cursor = keys.cursor || begin();
        const room = cursor && model.found.find((one) => one.id === cursor.room);
        if (room) {
            book(room, freeFrom(cursor, room, staysOf, model.view));
        }
    }

    function next(event) {
        const board = {rooms: model.found, staysOf, view: model.view};
        const {cursor} = keys;
        const lost = !cursor || !has(cursor);
        const start = lost ? begin() : cursor;
        const there = start && walk(start, event, board);
        // The first key of all only shows where one is.
        return there && lost ? start : there;
    }

    function onKey(event) {
        if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) {
            return;
        }
        const {key} = event;
        if (key === "Escape" && keys.cursor) {
            leave();
        } else if (key.toLowerCase() === "n") {
            bookHere();
        } else {
            const cursor = next(event);
            if (!cursor) {
                return;
            }
            put(cursor);
        }
        event.preventDefault();
        event.stopPropagation();
    }

    /** Follow the pointer and the tab key: the next key goes on from there. */
    function stand(room, bar) {
        if (keys.cursor?.bar !== bar.id) {
            keys.cursor = markRaw({room: room.id, bar: bar.id, at: bar.from});
        }
    }

    return {keys, onKey, stand};
}
