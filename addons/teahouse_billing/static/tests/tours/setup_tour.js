import { registry } from "@web/core/registry";

/** The button of a step that is not done yet. */
const todo = (step) => ({
    trigger: `[data-step=${step}]:not([data-state=done]) button`,
    run: "click",
});
/** A step that is done, with nothing in front of it. */
const done = (step) => ({ trigger: `body:not(:has(.modal)) [data-step=${step}][data-state=done]` });

/** An owner opens a store: what is missing leads to the form where it is entered. */
registry.category("web_tour.tours").add("teahouse_open_store", {
    steps: () => [
        todo("store"),
        { trigger: ".modal .o_field_widget[name=name] input", run: "edit Lakeside" },
        { trigger: ".modal .o_field_widget[name=latitude] input", run: "edit 30.25" },
        { trigger: ".modal .o_field_widget[name=longitude] input", run: "edit 120.16" },
        { trigger: ".modal .o_form_button_save", run: "click" },
        done("store"),
        done("place"),
        done("hours"),
        todo("rooms"),
        {
            trigger: ".modal .o_field_widget[name=names] textarea",
            run: (helpers) => helpers.edit("Pine\nOrchid"),
        },
        { trigger: ".modal button[name=action_add]", run: "click" },
        done("rooms"),
        todo("tariff"),
        { trigger: ".modal .o_field_widget[name=template] input[data-value=pieces]", run: "click" },
        { trigger: ".modal .o_field_widget[name=price_day] input", run: "edit 40" },
        { trigger: ".modal .modal-title", run: "click" },
        { trigger: ".modal .o_field_widget[name=price_overnight] input:value(180)" },
        { trigger: ".modal button[name=action_create]", run: "click" },
        done("tariff"),
        { trigger: "[data-step=provider][data-state=missing]" },
    ],
});
