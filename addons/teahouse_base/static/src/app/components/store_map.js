import { Component, onMounted, onWillUnmount, useEffect, useRef, useState } from "@odoo/owl";
import { session } from "@web/session";
import { loadLeaflet } from "../core/leaflet";
import { onTiles } from "../core/place";
import { Icon } from "./icon";
import { Slot } from "./parts";

/** Tiles may be slow; only when none came is the map called missing. */
const TILE_FAILURES = 4;
const STREET = 15;

/**
 * Stores as pins; the one that is tapped stands below. `onMissing` is called where no
 * map can be drawn or its pictures do not come. Where none are set up, the pins stand
 * on a plain ground.
 */
export class StoreMap extends Component {
    static template = "teahouse_base.StoreMap";
    static components = { Icon, Slot };
    static props = {
        stores: Array,
        place: { type: [Object, { value: null }], optional: true },
        label: Function,
        onMissing: Function,
    };

    setup() {
        this.element = useRef("map");
        this.view = useState({ ready: false, chosen: null });
        onMounted(() => this.draw());
        useEffect(
            () => this.mark(),
            () => [this.props.stores, this.props.place, this.view.ready]
        );
        onWillUnmount(() => {
            this.gone = true;
            this.map?.remove();
        });
    }

    get system() {
        return session.map?.system === "gcj02" ? "gcj02" : "wgs84";
    }

    get chosen() {
        return this.props.stores.find((store) => store.id === this.view.chosen);
    }

    async draw() {
        this.L = await loadLeaflet();
        if (this.gone) {
            return;
        }
        if (!this.L) {
            this.props.onMissing();
            return;
        }
        const { address, attribution } = session.map;
        this.map = this.L.map(this.element.el, { attributionControl: Boolean(attribution) });
        this.map.setView([30, 114], 5);
        this.pins = this.L.layerGroup().addTo(this.map);
        if (address.trim()) {
            let came = 0;
            let failed = 0;
            this.L.tileLayer(address, { maxZoom: 18, attribution })
                .on("tileload", () => came++)
                .on("tileerror", () => {
                    failed++;
                    if (!came && failed === TILE_FAILURES) {
                        this.props.onMissing();
                    }
                })
                .addTo(this.map);
        }
        this.view.ready = true;
    }

    mark() {
        if (!this.view.ready) {
            return;
        }
        this.pins.clearLayers();
        const shown = this.props.stores.filter((store) => store.location);
        const points = shown.map((store) => {
            const { lat, lng } = store.location[this.system];
            this.pin([lat, lng], store);
            return [lat, lng];
        });
        if (this.props.place) {
            const here = onTiles(this.props.place, shown, this.system);
            const look = { radius: 8, weight: 3, className: "th-here", interactive: false };
            this.L.circleMarker(here, look).addTo(this.pins);
            // Stores far away shall not push the visitor's own streets out of sight.
            points.splice(3);
            points.push(here);
        }
        if (points.length) {
            this.map.fitBounds(points, { padding: [44, 44], maxZoom: STREET, animate: false });
        }
    }

    pin(point, store) {
        // Text, not markup: names and prices come from people.
        const html = Object.assign(document.createElement("span"), {
            className: "th-pin",
            textContent: this.props.label(store),
        });
        const icon = this.L.divIcon({ html, className: "", iconSize: [0, 0] });
        this.L.marker(point, { icon, title: store.name, alt: store.name, keyboard: true })
            .on("click", () => (this.view.chosen = store.id))
            .addTo(this.pins);
    }
}
