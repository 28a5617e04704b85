import { Component } from "@odoo/owl";
import { Empty, Failure, Sheet, Skeleton } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";

/** Rooms of the same store that are free for the rest of the stay. */
export class RoomChangeSheet extends Component {
    static template = "teahouse_booking.RoomChangeSheet";
    static components = { Empty, Failure, Sheet, Skeleton };
    static props = { booking: Object, onClose: Function, onMoved: Function };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.key = newKey();
        this.rooms = useLoad(() => this.findRooms());
    }

    get emptyTitle() {
        return _t("All other rooms are taken at this time");
    }

    async findRooms() {
        const { booking } = this.props;
        const from = new Date(Math.max(new Date(booking.start), Date.now()));
        const end = new Date(booking.end);
        const { rooms } = await this.api.get(`/stores/${booking.store.id}/availability`, {
            from: from.toISOString(),
            to: booking.end,
        });
        return rooms.filter(
            (room) =>
                room.room_id !== booking.room.id &&
                room.free.some(
                    (free) => new Date(free.start) <= from && new Date(free.end) >= end
                )
        );
    }

    move(room) {
        return this.action.run(async () => {
            await this.api.post(
                `/bookings/${this.props.booking.ref}/room-change`,
                { room_id: room.room_id },
                `${this.key}-${room.room_id}`
            );
            this.props.onClose();
            await this.props.onMoved();
        });
    }
}
