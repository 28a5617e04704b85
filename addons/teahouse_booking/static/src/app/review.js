import { Component, onWillUnmount, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { PictureButton } from "@teahouse_base/app/components/picture";
import { newKey } from "@teahouse_base/app/core/api";
import { day } from "@teahouse_base/app/core/format";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { slots } from "@teahouse_base/app/core/registries";

const MOST_PHOTOS = 9;

/** Asks a guest, once, how a finished stay was. */
export class ReviewPanel extends Component {
    static template = "teahouse_booking.ReviewPanel";
    static components = { Icon, PictureButton };
    static props = { booking: Object, reload: Function };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.form = useState({ environment: 5, service: 5, facilities: 5, text: "", photos: [] });
        this.key = newKey();
        onWillUnmount(() => this.form.photos.forEach(({ url }) => URL.revokeObjectURL(url)));
    }

    get wanted() {
        return this.props.booking.state === "completed" && !this.props.booking.reviewed;
    }

    get scores() {
        return [
            { field: "environment", label: _t("Atmosphere") },
            { field: "service", label: _t("Service") },
            { field: "facilities", label: _t("Facilities") },
        ];
    }

    get mayAddPhoto() {
        return this.form.photos.length < MOST_PHOTOS;
    }

    addPhoto({ id, picture }) {
        this.form.photos.push({ id, url: URL.createObjectURL(picture) });
    }

    removePhoto(photo) {
        URL.revokeObjectURL(photo.url);
        this.form.photos = this.form.photos.filter(({ id }) => id !== photo.id);
    }

    send() {
        return this.action.run(async () => {
            const body = { ...this.form, photos: this.form.photos.map(({ id }) => id) };
            try {
                await this.api.post(`/bookings/${this.props.booking.ref}/review`, body, this.key);
            } finally {
                // A corrected review is another one.
                this.key = newKey();
            }
            this.toast.show(_t("Thank you for your review."));
            await this.props.reload();
        });
    }
}

/** What others thought of a store. */
export class StoreReviews extends Component {
    static template = "teahouse_booking.StoreReviews";
    static components = { Icon };
    static props = { store: Object };

    setup() {
        const { api } = useApp();
        this.day = day;
        this.reviews = useLoad(() => api.get(`/stores/${this.props.store.id}/reviews`, { limit: 5 }));
    }
}

slots.add("booking/review", { slot: "booking_page", component: ReviewPanel }, { sequence: 90 });
slots.add("store/reviews", { slot: "store_page", component: StoreReviews });
