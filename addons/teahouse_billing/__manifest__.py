{
    "name": "Teahouse Billing",
    "summary": "Tariffs, payments, settlement and refunds of tea room stays",
    "version": "19.0.1.0.0",
    "category": "Services/Teahouse",
    "author": "Teahouse",
    "license": "LGPL-3",
    "depends": [
        "teahouse_booking",
        "account",
        "account_payment",
        "payment",
        "analytic",
        "product",
    ],
    "data": [
        # Security
        "security/ir.model.access.csv",
        "security/teahouse_tariff_security.xml",
        "security/teahouse_money_security.xml",
        # Data
        "data/teahouse_money_data.xml",
        "data/teahouse_billing_cron.xml",
        "data/teahouse_tariff_data.xml",
        # Reports and wizards, which the views refer to
        "report/teahouse_bill_reports.xml",
        "report/teahouse_bill_templates.xml",
        "wizard/teahouse_adjust_wizard_views.xml",
        "wizard/teahouse_counter_payment_wizard_views.xml",
        "wizard/teahouse_tariff_wizard_views.xml",
        # Views
        "views/teahouse_charge_line_views.xml",
        "views/payment_transaction_views.xml",
        "views/teahouse_money_check_views.xml",
        "views/teahouse_invoice_request_views.xml",
        "views/teahouse_booking_views.xml",
        "views/teahouse_money_menus.xml",
        "views/teahouse_tariff_views.xml",
    ],
    "demo": [
        "demo/teahouse_tariff_demo.xml",
        "demo/teahouse_goods_demo.xml",
    ],
    "assets": {
        "teahouse_base.app_assets": ["teahouse_billing/static/src/app/**/*"],
    },
    "post_init_hook": "post_init_hook",
    "installable": True,
}
