import { loadCSS, loadJS } from "@web/core/assets";

const FOLDER = "/teahouse_base/static/lib/leaflet";

/**
 * Load Leaflet, which the set-up fetched; it is no part of this addon.
 *
 * @returns {Promise<object|null>} its namespace, null where it is absent
 */
export async function loadLeaflet() {
    try {
        await Promise.all([loadJS(`${FOLDER}/leaflet.js`), loadCSS(`${FOLDER}/leaflet.css`)]);
    } catch {
        return null;
    }
    return window.L || null;
}

/**
 * Draw a map with one marker.
 *
 * @param {object} L Leaflet
 * @param {HTMLElement} element
 * @param {object} options
 * @param {[number, number]} options.point in the system of the tiles
 * @param {number} options.zoom
 * @param {object} options.tiles address, attribution
 * @param {function([number, number])} [options.onPick] left out: a map to look at
 * @param {function()} options.onTileError
 * @returns {{ move: function([number, number]), remove: function() }}
 */
export function drawMap(L, element, { point, zoom, tiles, onPick, onTileError }) {
    const map = L.map(element, { attributionControl: Boolean(tiles.attribution) });
    map.setView(point, zoom);
    if (tiles.address) {
        const layer = L.tileLayer(tiles.address, { maxZoom: 18, attribution: tiles.attribution });
        layer.on("tileerror", onTileError);
        layer.addTo(map);
    }
    const icon = L.icon({
        iconUrl: `${FOLDER}/images/marker-icon.png`,
        iconSize: [25, 41],
        iconAnchor: [12, 41],
    });
    const marker = L.marker(point, { icon, draggable: Boolean(onPick), keyboard: true });
    marker.addTo(map);
    if (onPick) {
        const pick = ({ latlng }) => {
            marker.setLatLng(latlng);
            onPick([latlng.lat, latlng.lng]);
        };
        map.on("click", pick);
        marker.on("dragend", () => pick({ latlng: marker.getLatLng() }));
    }
    return {
        move(target) {
            marker.setLatLng(target);
            map.panTo(target);
        },
        remove: () => map.remove(),
    };
}
