import { Component, onWillUnmount } from "@odoo/owl";
import { Failure, Sheet, Skeleton } from "@teahouse_base/app/components/parts";
import { span } from "@teahouse_base/app/core/format";
import { useApp, useLoad } from "@teahouse_base/app/core/hooks";

/** A guest's own QR code and PIN; the code changes every minute, and so does the sheet. */
export class PassSheet extends Component {
    static template = "teahouse_booking.PassSheet";
    static components = { Failure, Sheet, Skeleton };
    static props = { bookingRef: String, onClose: Function };

    setup() {
        const { api } = useApp();
        this.span = span;
        this.pass = useLoad(async () => {
            const pass = await api.get(`/bookings/${this.props.bookingRef}/pass`);
            clearTimeout(this.timer);
            if (!this.gone) {
                const seconds = Math.max(pass.refresh_in, 1);
                this.timer = setTimeout(() => this.pass.reload(), seconds * 1000);
            }
            return pass;
        });
        onWillUnmount(() => {
            this.gone = true;
            clearTimeout(this.timer);
        });
    }
}
