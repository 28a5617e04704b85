/** Terms of the app in the visitor's language, from Odoo's own translation files. */

const terms = new Map();

/**
 * Fetch the translated terms of the addons that add screens. Without them (no net,
 * an unknown language) the app goes on in English.
 *
 * @param {string} address as the page names it; it is being fetched already
 * @param {string[]} modules names of addons
 */
export async function loadTerms(address, modules) {
    const response = await fetch(address);
    if (!response.ok) {
        throw new Error(`translations: ${response.status}`);
    }
    const answer = await response.json();
    for (const module of modules) {
        for (const { id, string } of answer.modules?.[module]?.messages || []) {
            terms.set(id, string);
        }
    }
}

/** Translate a term as Owl hands it over from a template. */
export function translate(term) {
    return terms.get(term) || term;
}

/**
 * Translate a term and fill in `%(name)s` places.
 *
 * @param {string} term
 * @param {Record<string, unknown>} [values]
 */
export function _t(term, values = {}) {
    return translate(term).replace(/%\((\w+)\)s/g, (_, name) => values[name]);
}
