import { reactive } from "@odoo/owl";

/**
 * Find the screen for a path. Paths live behind the `#`, so that one page serves the
 * whole app in every browser that embeds it.
 *
 * @param {{path: string}[]} screens with paths like `/stores/:id`
 * @param {string} path
 * @returns {{screen: object, params: Record<string, string>} | null}
 */
export function matchPath(screens, path) {
    const parts = path.split("/").filter(Boolean);
    for (const screen of screens) {
        const wanted = screen.path.split("/").filter(Boolean);
        if (wanted.length !== parts.length) {
            continue;
        }
        const params = {};
        const fits = wanted.every((piece, i) => {
            if (piece.startsWith(":")) {
                params[piece.slice(1)] = decodeURIComponent(parts[i]);
                return true;
            }
            return piece === parts[i];
        });
        if (fits) {
            return { screen, params };
        }
    }
    return null;
}

/** Split the address behind the `#` into path and query. */
export function readHash(hash) {
    const [path, query] = hash.replace(/^#/, "").split("?");
    return { path: path || "/", query: Object.fromEntries(new URLSearchParams(query || "")) };
}

export function makeRouter() {
    const router = reactive({
        ...readHash(location.hash),
        go(path, query = {}) {
            const text = new URLSearchParams(query).toString();
            location.hash = text ? `${path}?${text}` : path;
        },
        replace(path) {
            history.replaceState(null, "", `#${path}`);
            Object.assign(router, readHash(location.hash));
        },
        back() {
            if (history.length > 1) {
                history.back();
            } else {
                router.go("/");
            }
        },
    });
    window.addEventListener("hashchange", () => {
        Object.assign(router, readHash(location.hash));
        window.scrollTo(0, 0);
    });
    return router;
}
