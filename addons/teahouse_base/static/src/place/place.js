import { Component, onWillStart, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { drawMap, loadLeaflet } from "./map";

/** Where one looks a place up and copies its coordinates from. */
const PICKERS = {
    gcj02: { label: "AMap", url: "https://lbs.amap.com/tools/picker" },
    bd09: { label: "Baidu", url: "https://api.map.baidu.com/lbsapi/getpoint/" },
    wgs84: { label: "OpenStreetMap", url: "https://www.openstreetmap.org/" },
};
const CHINA = [35, 105];

/**
 * The place of a store: a map to pick it on, its coordinates in all systems, links to
 * maps, and a line that takes what was copied from a map page. Without Leaflet, or
 * without the pictures of a map, the other ways remain.
 */
export class TeahousePlace extends Component {
    static template = "teahouse_base.Place";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.pickers = PICKERS;
        this.mapRef = useRef("map");
        this.state = useState({
            text: "",
            system: "gcj02",
            place: null,
            error: "",
            hasMap: false,
            noTiles: false,
        });
        onWillStart(async () => {
            [this.leaflet, this.tiles] = await Promise.all([
                loadLeaflet(),
                this.orm.call("teahouse.store", "map_tiles", []),
            ]);
            this.state.hasMap = Boolean(this.leaflet);
        });
        useRecordObserver(({ data }) => this.show(data.latitude, data.longitude, data.name));
        useEffect(
            (element) => this.draw(element),
            () => [this.mapRef.el]
        );
        onWillUnmount(() => this.map?.remove());
    }

    get systems() {
        return [
            ["gcj02", _t("AMap, Tencent (GCJ-02)")],
            ["bd09", _t("Baidu (BD-09)")],
            ["wgs84", _t("GPS (WGS-84)")],
        ];
    }

    /** The point as the tiles have it, or null while nobody entered one. */
    get point() {
        const text = this.state.place?.points[this.tiles.system];
        return text ? text.split(", ").map(Number) : null;
    }

    draw(element) {
        if (!element || this.map) {
            return;
        }
        const readonly = this.props.readonly;
        this.map = drawMap(this.leaflet, element, {
            point: this.point || CHINA,
            zoom: this.point ? 16 : 4,
            tiles: this.tiles,
            onPick: readonly ? null : (point) => this.take(point.join(","), this.tiles.system),
            onTileError: () => {
                this.state.noTiles = true;
            },
        });
    }

    async show(latitude, longitude, name) {
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
        if (this.map && this.point) {
            this.map.move(this.point);
        }
    }

    /** Take a place over into the record, which is saved with the form. */
    async take(text = this.state.text, system = this.state.system) {
        this.state.error = "";
        try {
            const place = await this.orm.call("teahouse.store", "read_place", [text, system]);
            await this.props.record.update(place);
            this.state.text = "";
        } catch (error) {
            this.state.error = error.data?.message || _t("The server gives no answer.");
        }
    }
}

registry.category("view_widgets").add("teahouse_place", { component: TeahousePlace });
