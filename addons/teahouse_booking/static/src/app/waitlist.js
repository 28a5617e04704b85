import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Sheet, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { clock, day, duration, span } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad, useTicker } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";

const POLL_MS = 15000;

/** Wait for a time that is taken: this room, or any room of the store. */
export class WaitSheet extends Component {
    static template = "teahouse_booking.WaitSheet";
    static components = { Sheet };
    static props = {
        room: Object,
        start: String,
        lengths: Array,
        people: Number,
        endOf: Function,
        onClose: Function,
    };

    setup() {
        Object.assign(this, useApp(), { day, duration, span });
        this.action = useAction();
        const { lengths } = this.props;
        this.form = useState({ any: false, minutes: lengths.includes(120) ? 120 : lengths[0] });
        this.key = newKey();
    }

    get end() {
        return this.props.endOf(this.form.minutes);
    }

    get title() {
        return _t("Tell me when it is free");
    }

    join() {
        if (!this.account.signedIn) {
            this.router.go("/login", { next: this.router.path });
            return;
        }
        const { room, start, people } = this.props;
        const place = this.form.any ? { store_id: room.store_id } : { room_id: room.id };
        const wish = { ...place, start, end: this.end, people };
        return this.action.run(async () => {
            await this.api.post("/waitlist", wish, `${this.key}-${this.form.minutes}-${this.form.any}`);
            this.toast.show(_t("You are on the list: we tell you as soon as it is free."));
            this.props.onClose();
            this.router.go("/waitlist");
        });
    }
}

/** What the member waits for; an offer can be taken until its deadline. */
export class WaitlistScreen extends Component {
    static template = "teahouse_booking.WaitlistScreen";
    static components = { Empty, Failure, Icon, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp(), { clock, day, span });
        this.action = useAction();
        this.view = useState({ now: Date.now() });
        this.keys = {};
        this.wishes = useLoad(() => this.api.get("/waitlist"));
        useTicker(() => (this.view.now = Date.now()), 1000);
        useTicker(() => this.wishes.reload(), POLL_MS);
    }

    get title() {
        return _t("Waiting list");
    }

    get emptyTitle() {
        return _t("You wait for nothing");
    }

    get emptyText() {
        return _t("Tap a time that is taken on a room's page: we tell you when it is free.");
    }

    /** `m:ss` until the offer goes to the next in line, or null when it has. */
    left(wish) {
        const seconds = Math.floor((new Date(wish.offer_expires_at) - this.view.now) / 1000);
        if (seconds <= 0) {
            return null;
        }
        return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }

    accept(wish) {
        this.keys[wish.id] ||= newKey();
        return this.action.run(async () => {
            try {
                const booking = await this.api.post(
                    `/waitlist/${wish.id}/accept`,
                    {},
                    this.keys[wish.id]
                );
                this.router.go(`/bookings/${booking.ref}`);
            } catch (error) {
                await this.wishes.reload();
                throw error;
            }
        });
    }

    leave(wish) {
        return this.action.run(async () => {
            await this.api.delete(`/waitlist/${wish.id}`);
            await this.wishes.reload();
        });
    }
}

screens.add("waitlist", { path: "/waitlist", component: WaitlistScreen, auth: true });
