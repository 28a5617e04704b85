import {onMounted, onWillUnmount, useState} from "@odoo/owl";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";

const CHANGED = "teahouse.board";

/**
 * Hears of what changes in a store, through the bus.
 *
 * @param {Object} board
 * @param {(roomIds: number[]) => Promise} board.changed these rooms are old
 * @param {() => Promise} board.back nobody knows what happened while the bus was away
 */
export function useLive({changed, back}) {
    const bus = useService("bus_service");
    const live = useState({away: false});
    const rooms = new Set();
    let channel = null;
    const refreshSoon = useDebounced(() => {
        const ids = [...rooms];
        rooms.clear();
        return changed(ids);
    }, 250);

    function onChanged({room_ids}) {
        room_ids.forEach((id) => rooms.add(id));
        refreshSoon();
    }

    function onAway() {
        live.away = true;
    }

    function onBack() {
        // A first connection has missed nothing.
        if (live.away) {
            live.away = false;
            back();
        }
    }

    // A lost connection comes back by RECONNECT, one that was offline by CONNECT.
    const events = {
        "BUS:DISCONNECT": onAway,
        "BUS:RECONNECTING": onAway,
        "BUS:CONNECT": onBack,
        "BUS:RECONNECT": onBack,
    };

    /** Listen to a store, and to no other any more. */
    function listen(storeId) {
        const wanted = storeId ? `${CHANGED}:${storeId}` : null;
        if (wanted !== channel) {
            forget();
            channel = wanted;
            if (channel) {
                bus.addChannel(channel);
            }
        }
    }

    function forget() {
        if (channel) {
            bus.deleteChannel(channel);
        }
    }

    bus.subscribe(CHANGED, onChanged);
    onMounted(() => {
        for (const [name, heard] of Object.entries(events)) {
            bus.addEventListener(name, heard);
        }
    });
    onWillUnmount(() => {
        for (const [name, heard] of Object.entries(events)) {
            bus.removeEventListener(name, heard);
        }
        bus.unsubscribe(CHANGED, onChanged);
        forget();
    });
    return {live, listen};
}
