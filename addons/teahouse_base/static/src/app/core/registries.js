import { registry } from "@web/core/registry";

/** Screens: `{path: "/stores/:id", component, auth?: boolean}`. */
export const screens = registry.category("teahouse.screens");
/** Tabs at the bottom: `{path, label: () => string, icon}`. */
export const tabs = registry.category("teahouse.tabs");
/**
 * Parts that addons add to each other's screens: `{slot, component}`; the owner of a
 * screen says what props its slots hand on.
 */
export const slots = registry.category("teahouse.slots");
/** Orders of the list of stores: `{value, label: () => string}`. */
export const sorts = registry.category("teahouse.sorts");
/** Words on a store's pin on the map: `{words: (store) => string | null}`. */
export const pins = registry.category("teahouse.pins");
