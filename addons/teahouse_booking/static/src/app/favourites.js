import { Component, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Skeleton, Slot, TopBar } from "@teahouse_base/app/components/parts";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens, slots } from "@teahouse_base/app/core/registries";

/** The heart on a store's page. */
export class FavouriteButton extends Component {
    static template = "teahouse_booking.FavouriteButton";
    static components = { Icon };
    static props = { store: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.state = useState({ liked: false });
        if (this.account.signedIn) {
            this.list = useLoad(async () => {
                const { items } = await this.api.get("/me/favourites");
                // Whoever was quicker than the answer knows better.
                if (!this.touched) {
                    this.state.liked = items.some(({ id }) => id === this.props.store.id);
                }
                return true;
            });
        }
    }

    get label() {
        return this.state.liked ? _t("No longer a favourite") : _t("Make it a favourite");
    }

    /** Shown at once, taken back where the server says no. */
    toggle() {
        if (!this.account.signedIn) {
            this.router.go("/login", { next: this.router.path });
            return;
        }
        const liked = !this.state.liked;
        this.touched = true;
        this.state.liked = liked;
        return this.action.run(async () => {
            const path = `/me/favourites/${this.props.store.id}`;
            try {
                await (liked ? this.api.put(path, undefined) : this.api.delete(path));
            } catch (error) {
                this.state.liked = !liked;
                throw error;
            }
        });
    }
}

export class FavouritesScreen extends Component {
    static template = "teahouse_booking.FavouritesScreen";
    static components = { Empty, Failure, Icon, Skeleton, Slot, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        const { api } = useApp();
        this.stores = useLoad(() => api.get("/me/favourites"));
    }

    get title() {
        return _t("Favourite stores");
    }

    get emptyTitle() {
        return _t("No favourites yet");
    }

    get emptyText() {
        return _t("Tap the heart on a store's page: then it stands here.");
    }
}

/** Ways from the member's page to favourites and to the waiting list. */
export class BookingEntries extends Component {
    static template = "teahouse_booking.BookingEntries";
    static components = { Icon };
    static props = {};
}

screens.add("favourites", { path: "/favourites", component: FavouritesScreen, auth: true });
slots.add("store/favourite", { slot: "store_top", component: FavouriteButton });
slots.add("me/booking", { slot: "me", component: BookingEntries }, { sequence: 10 });
