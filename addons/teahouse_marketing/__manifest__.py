{
    "name": "Teahouse Marketing",
    "summary": "Tiers, points, campaigns and inquiries of tea room guests",
    "version": "19.0.1.0.0",
    "category": "Services/Teahouse",
    "author": "Teahouse",
    "license": "LGPL-3",
    "external_dependencies": {"python": ["statsmodels"]},
    "depends": ["teahouse_billing", "loyalty", "crm", "utm"],
    "data": [
        # Security
        "security/teahouse_marketing_groups.xml",
        "security/ir.model.access.csv",
        "security/teahouse_marketing_security.xml",
        # Data
        "data/teahouse_marketing_data.xml",
        "data/teahouse_marketing_cron.xml",
        "data/teahouse_balance_data.xml",
        # Views
        "views/teahouse_tier_views.xml",
        "views/teahouse_campaign_views.xml",
        "views/teahouse_member_views.xml",
        "views/loyalty_card_views.xml",
        "views/loyalty_program_views.xml",
        "views/teahouse_coupon_batch_views.xml",
        "views/teahouse_segment_views.xml",
        "views/teahouse_balance_views.xml",
        "views/teahouse_voucher_views.xml",
        "views/teahouse_gift_views.xml",
        "views/teahouse_booking_views.xml",
        "views/teahouse_store_views.xml",
        "views/crm_lead_views.xml",
        "views/res_config_settings_views.xml",
        "views/teahouse_marketing_menus.xml",
        "views/teahouse_insight_views.xml",
        "wizard/teahouse_marketing_settings_views.xml",
    ],
    "demo": [
        "demo/teahouse_marketing_demo.xml",
        "demo/teahouse_marketing_offers_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "teahouse_marketing/static/src/backoffice/**/*",
            "teahouse_marketing/static/src/insight/**/*",
        ],
        "teahouse_base.app_assets": ["teahouse_marketing/static/src/app/**/*"],
    },
}
