import { Component } from "@odoo/owl";
import { TopBar } from "../components/parts";
import { _t } from "../core/i18n";
import { screens } from "../core/registries";

export class HelpScreen extends Component {
    static template = "teahouse_base.HelpScreen";
    static components = { TopBar };
    static props = { params: Object, query: Object };

    get title() {
        return _t("Help");
    }

    get questions() {
        return [
            {
                ask: _t("How do I get in?"),
                answer: _t(
                    "Open your booking and press the big button at the door. No net? Your PIN opens the lock as well; you find it in your booking under “QR and PIN”."
                ),
            },
            {
                ask: _t("Can my friends go in before me?"),
                answer: _t("Yes: invite them from your booking. Each gets an own pass."),
            },
            {
                ask: _t("Can I stay longer?"),
                answer: _t(
                    "Press “Stay longer” in your booking as long as nobody comes after you. You see the price before you pay."
                ),
            },
            {
                ask: _t("What if I cannot come?"),
                answer: _t(
                    "Cancel in your booking: you see what comes back to you before you confirm."
                ),
            },
            {
                ask: _t("The payment was taken twice or got lost"),
                answer: _t(
                    "Nothing is booked twice: a lost answer is asked for again. What was paid too late for its slot comes back by itself."
                ),
            },
            {
                ask: _t("Something is broken or dirty"),
                answer: _t("Call the store: you find its number on the page of the store."),
            },
        ];
    }
}

screens.add("help", { path: "/help", component: HelpScreen });
