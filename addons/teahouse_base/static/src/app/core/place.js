const LOCATE_MS = 6000;
const FRESH_MS = 5 * 60 * 1000;

/**
 * Where the phone is (WGS-84).
 *
 * @returns {Promise<{place?: {lat: number, lng: number}, reason?: string}>} or why not:
 *     `denied` by the visitor or the browser, `unknown` for now
 */
export function locate() {
    return new Promise((resolve) => {
        if (!navigator.geolocation) {
            resolve({ reason: "denied" });
            return;
        }
        navigator.geolocation.getCurrentPosition(
            ({ coords }) => resolve({ place: { lat: coords.latitude, lng: coords.longitude } }),
            ({ code }) => resolve({ reason: code === 1 ? "denied" : "unknown" }),
            { timeout: LOCATE_MS, maximumAge: FRESH_MS }
        );
    });
}

/**
 * Move a place into the system of the map's tiles. China's maps are shifted; within a
 * city the shift is the same as that of a store, of which the server tells both.
 *
 * @param {{lat: number, lng: number}} place WGS-84
 * @param {object[]} stores with `location`, the nearest first
 * @param {string} system `wgs84` or `gcj02`
 * @returns {[number, number]}
 */
export function onTiles(place, stores, system) {
    const known = stores.find((store) => store.location)?.location;
    if (system !== "gcj02" || !known) {
        return [place.lat, place.lng];
    }
    const { gcj02, wgs84 } = known;
    return [place.lat + gcj02.lat - wgs84.lat, place.lng + gcj02.lng - wgs84.lng];
}

/** Whether the visitor allowed this before: then nobody is asked by opening the app. */
export async function mayLocate() {
    try {
        return (await navigator.permissions.query({ name: "geolocation" })).state === "granted";
    } catch {
        return false;
    }
}
