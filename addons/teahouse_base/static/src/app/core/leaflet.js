const FOLDER = "/teahouse_base/static/lib/leaflet";
let loading = null;

function add(tag, attributes) {
    return new Promise((resolve, reject) => {
        const element = Object.assign(document.createElement(tag), attributes);
        element.onload = resolve;
        element.onerror = () => reject(new Error(FOLDER));
        document.head.append(element);
    });
}

/**
 * Load Leaflet, which the set-up fetched; it is no part of this addon, nor of the
 * app's bundle: who never looks at a map never loads it.
 *
 * @returns {Promise<object|null>} its namespace, null where it cannot be had
 */
export function loadLeaflet() {
    loading ||= Promise.all([
        add("link", { rel: "stylesheet", href: `${FOLDER}/leaflet.css` }),
        add("script", { src: `${FOLDER}/leaflet.js` }),
    ]).then(
        () => window.L || null,
        () => (loading = null)
    );
    return loading;
}
