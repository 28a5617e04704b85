import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** Where one looks a place up and copies its coordinates from. */
const PICKERS = {
    gcj02: { label: "AMap", url: "https://lbs.amap.com/tools/picker" },
    bd09: { label: "Baidu", url: "https://api.map.baidu.com/lbsapi/getpoint/" },
    wgs84: { label: "OpenStreetMap", url: "https://www.openstreetmap.org/" },
};

/**
 * The place of a store: its coordinates in all systems, links to maps, and a line
 * that takes what was copied from a map page. Nothing is loaded from a map's server.
 */
export class TeahousePlace extends Component {
    static template = "teahouse_base.Place";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.pickers = PICKERS;
        this.state = useState({ text: "", system: "gcj02", place: null, error: "" });
        onWillStart(() => this.show(this.props.record.data));
        onWillUpdateProps((props) => this.show(props.record.data));
    }

    get systems() {
        return [
            ["gcj02", _t("AMap, Tencent (GCJ-02)")],
            ["bd09", _t("Baidu (BD-09)")],
            ["wgs84", _t("GPS (WGS-84)")],
        ];
    }

    async show({ latitude, longitude, name }) {
        const key = `${latitude} ${longitude} ${name}`;
        if (key === this.key) {
            return;
        }
        this.key = key;
        this.state.place =
            latitude || longitude
                ? await this.orm.call("teahouse.store", "show_place", [
                      latitude,
                      longitude,
                      name || "",
                  ])
                : null;
    }

    async take() {
        this.state.error = "";
        try {
            const place = await this.orm.call("teahouse.store", "read_place", [
                this.state.text,
                this.state.system,
            ]);
            await this.props.record.update(place);
            this.state.text = "";
        } catch (error) {
            this.state.error = error.data?.message || _t("The server gives no answer.");
        }
    }
}

registry.category("view_widgets").add("teahouse_place", { component: TeahousePlace });
