import { Component, useRef, useState } from "@odoo/owl";
import { Icon } from "@teahouse_base/app/components/icon";
import { Empty, Failure, Skeleton, TopBar } from "@teahouse_base/app/components/parts";
import { newKey } from "@teahouse_base/app/core/api";
import { useAction, useApp, useLoad } from "@teahouse_base/app/core/hooks";
import { _t } from "@teahouse_base/app/core/i18n";
import { screens } from "@teahouse_base/app/core/registries";
import { couponTerms, couponValue } from "./coupon_words";

/** What a coupon is good for; the action below it is the screen's. */
export class CouponCard extends Component {
    static template = "teahouse_marketing.CouponCard";
    static props = { coupon: Object, slots: { type: Object, optional: true } };

    get value() {
        return couponValue(this.props.coupon);
    }

    get terms() {
        return couponTerms(this.props.coupon).join(" · ");
    }

    get until() {
        return _t("Until %(date)s", { date: this.props.coupon.expires_on });
    }
}

export class CouponsScreen extends Component {
    static template = "teahouse_marketing.CouponsScreen";
    static components = { CouponCard, Empty, Failure, Icon, Skeleton, TopBar };
    static props = { params: Object, query: Object };

    setup() {
        Object.assign(this, useApp());
        this.action = useAction();
        this.picture = useRef("picture");
        // A QR code may lead here with the code in the address.
        this.form = useState({ code: this.props.query.code || "", state: "available" });
        this.mine = useLoad(() => this.api.get("/me/coupons", { state: this.form.state, limit: 50 }));
        this.open = useLoad(() => this.api.get("/coupons"));
        this.canScan = "BarcodeDetector" in window;
    }

    get title() {
        return _t("Coupons");
    }

    get filters() {
        return [
            { state: "available", label: _t("To use") },
            { state: "reserved", label: _t("Taken") },
            { state: "used", label: _t("Used") },
            { state: "expired", label: _t("Expired") },
        ];
    }

    get emptyTitle() {
        return this.form.state === "available" ? _t("No coupons yet") : _t("None of this kind");
    }

    get claimable() {
        return (this.open.data?.items || []).filter((one) => one.claimable);
    }

    choose(state) {
        this.form.state = state;
        this.mine.data = null;
        this.mine.reload();
    }

    async refresh() {
        this.form.state = "available";
        await Promise.all([this.mine.reload(), this.open.reload()]);
    }

    claim(coupon) {
        return this.action.run(async () => {
            await this.api.post(`/coupons/${coupon.id}/claim`, {}, newKey());
            this.toast.show(_t("It is yours."));
            await this.refresh();
        });
    }

    redeem() {
        return this.action.run(async () => {
            await this.api.post("/coupons/redeem-code", { code: this.form.code }, newKey());
            this.form.code = "";
            this.toast.show(_t("It is yours."));
            await this.refresh();
        });
    }

    /** Read the code out of a photo of its QR code. */
    scan() {
        return this.action.run(async () => {
            const [file] = this.picture.el.files;
            this.picture.el.value = "";
            if (!file) {
                return;
            }
            const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
            const [found] = await detector.detect(await createImageBitmap(file));
            if (found) {
                this.form.code = found.rawValue;
            } else {
                this.toast.show(_t("There is no QR code in this picture."), "bad");
            }
        });
    }
}

screens.add("coupons", { path: "/coupons", component: CouponsScreen, auth: true });
