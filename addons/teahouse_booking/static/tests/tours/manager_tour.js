import { registry } from "@web/core/registry";

/** A button of the form that stands behind the dots where the screen is narrow. */
const more = (button) => [
    { trigger: ".o_statusbar_buttons button[title=More]", run: "click" },
    { trigger: `.o-dropdown--menu button:contains(${button})`, run: "click" },
];
const BACK = ".o_breadcrumb .o_back_button";
const tile = (key) => `.o_teahouse_tile[data-tile=${key}] button.o_teahouse_row:contains(Bamboo)`;

const fits = () => {
    if (document.documentElement.scrollWidth > innerWidth) {
        throw new Error("something lies beyond the edge");
    }
};

/** The manager receives guests, lets them stay longer, ends it early, has it cleaned. */
registry.category("web_tour.tours").add("teahouse_manager_day", {
    steps: () => [
        { trigger: tile("arrivals"), run: fits },
        { trigger: tile("arrivals"), run: "click" },
        { trigger: ".o_statusbar_buttons button[name=action_check_in]", run: "click" },
        { trigger: ".o_statusbar_buttons button[name=action_checkout]", run: fits },
        ...more("Extend"),
        { trigger: ".modal .o_field_widget[name=minutes] input", run: "edit 30" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view" },
        { trigger: ".o_statusbar_buttons button[name=action_checkout]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_form_view:not(:has([name=action_checkout]))" },
        { trigger: BACK, run: "click" },
        { trigger: tile("cleaning"), run: "click" },
        { trigger: ".o_field_widget[name=user_id] input", run: "click" },
        { trigger: ".modal .o_kanban_record:contains(test-cleaner)", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_field_widget[name=user_id] input" },
        { trigger: ".o_form_button_save:enabled", run: "click" },
        { trigger: ".o_form_saved", run: fits },
    ],
});
