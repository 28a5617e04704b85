import { registry } from "@web/core/registry";

/** A menu of the Teahouse app, by the name of its menu item. */
const menu = (section, item) => [
    { trigger: `.o_menu_sections [data-menu-xmlid="${section}"]`, run: "click" },
    { trigger: `.o-dropdown--menu [data-menu-xmlid="${item}"]`, run: "click" },
];
const MONEY = "teahouse_billing.teahouse_billing_menu_money";

/** The accountant enters a bill, reads the report, checks that the money agrees. */
registry.category("web_tour.tours").add("teahouse_accountant_day", {
    steps: () => [
        ...menu(MONEY, "teahouse_billing.teahouse_expense_menu"),
        { trigger: ".o_list_view" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=store_id] input", run: "edit Riverside" },
        { trigger: ".ui-menu-item a:contains(Riverside)", run: "click" },
        { trigger: ".o_field_widget[name=category_id] input:first", run: "click" },
        { trigger: ".o_field_widget[name=amount] input", run: "edit 1860.50" },
        { trigger: ".o_field_widget[name=name] input", run: "edit Power in June" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: "button[name=action_post]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Bill posted)" },
        { trigger: "button[name=action_open_bill]" },

        ...menu(MONEY, "teahouse_billing.teahouse_report_finance_menu"),
        { trigger: ".o_teahouse_report h4:contains(Profit by store)" },
        { trigger: ".o_teahouse_report td:contains('1,860.50')" },
        { trigger: "button[name=action_last_month]", run: "click" },
        { trigger: ".o_teahouse_report:not(:contains('1,860.50'))" },
        { trigger: "button[name=action_this_year]", run: "click" },
        { trigger: ".o_teahouse_report td:contains('1,860.50')" },

        ...menu(MONEY, "teahouse_billing.teahouse_report_cashup_menu"),
        { trigger: ".o_teahouse_report h4:contains(By day and method)" },
        { trigger: ".o_teahouse_report td:contains(Demonstration)" },

        ...menu(MONEY, "teahouse_billing.teahouse_ledger_line_menu"),
        { trigger: ".o_pivot th:contains(Riverside)" },

        ...menu(MONEY, "teahouse_billing.teahouse_money_check_menu"),
        { trigger: "button[name=action_check_now]", run: "click" },
        { trigger: ".o_list_view" },
    ],
});

/** The owner writes prices: gaps are told, hours are drawn, a stay is priced. */
registry.category("web_tour.tours").add("teahouse_owner_tariff", {
    steps: () => [
        ...menu(
            "teahouse_base.teahouse_base_menu_config",
            "teahouse_billing.teahouse_tariff_menu"
        ),
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=name] input", run: "edit House hours" },
        {
            trigger: ".o_field_widget[name=band_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        { trigger: ".o_field_widget[name=time_from] input", run: "edit 08:00" },
        { trigger: ".o_field_widget[name=time_to] input", run: "edit 18:00" },
        { trigger: ".o_field_widget[name=price_hour] input", run: "edit 38" },
        { trigger: ".nav-link[name=bands]", run: "click" },
        { trigger: ".o_teahouse_week [title='08:00–18:00']:contains(38)" },
        { trigger: ".alert-warning:contains(No price on)" },
        {
            trigger: ".o_field_widget[name=band_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        { trigger: ".o_selected_row .o_field_widget[name=time_from] input", run: "edit 18:00" },
        { trigger: ".o_selected_row .o_field_widget[name=time_to] input", run: "edit 08:00" },
        { trigger: ".o_selected_row .o_field_widget[name=price_hour] input", run: "edit 58" },
        { trigger: ".nav-link[name=bands]", run: "click" },
        { trigger: ".o_form_view:not(:has(.alert-warning:contains(No price on)))" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        { trigger: ".o_statusbar_buttons button:contains(What would it cost)", run: "click" },
        { trigger: ".modal .o_field_widget[name=room_id] input", run: "edit Bamboo" },
        { trigger: ".ui-menu-item a:contains(Bamboo)", run: "click" },
        { trigger: ".modal .o_field_widget[name=result] h4:contains(House hours)" },
        { trigger: ".modal .o_form_button_cancel, .modal footer button", run: "click" },
        { trigger: "body:not(:has(.modal))" },
    ],
});
