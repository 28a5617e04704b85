{
    "name": "Teahouse",
    "summary": "Stores, rooms and members of 24-hour unstaffed tea rooms",
    "version": "19.0.1.0.0",
    "category": "Services/Teahouse",
    "author": "Teahouse",
    "license": "LGPL-3",
    "depends": [
        "base",
        "web",
        "mail",
        "sms",
        "portal",
        "auth_signup",
        "rating",
        "base_geolocalize",
        "field_encrypted",
    ],
    "external_dependencies": {"python": ["pydantic"]},
    "data": [
        # Security
        "security/teahouse_base_groups.xml",
        "security/ir.model.access.csv",
        "security/teahouse_base_security.xml",
        "security/teahouse_api_security.xml",
        # Data
        "data/teahouse_facility_data.xml",
        "data/teahouse_notification_template_data.xml",
        "data/ir_cron_data.xml",
        # Wizards
        "wizard/teahouse_member_register_views.xml",
        # Views
        "views/api_docs_templates.xml",
        "views/teahouse_app_templates.xml",
        "views/api_settings_views.xml",
        "views/teahouse_store_views.xml",
        "views/teahouse_room_views.xml",
        "views/teahouse_member_views.xml",
        "views/teahouse_notification_views.xml",
        "views/teahouse_audit_views.xml",
        "views/teahouse_base_menus.xml",
    ],
    "demo": [
        "demo/teahouse_store_demo.xml",
        "demo/res_users_demo.xml",
    ],
    "assets": {
        # The customers' mobile app: a bundle of its own, without the back office.
        "teahouse_base.app_assets": [
            "web/static/src/module_loader.js",
            "web/static/lib/owl/owl.js",
            "web/static/lib/owl/odoo_module.js",
            "web/static/src/core/template_inheritance.js",
            "web/static/src/core/templates.js",
            "web/static/src/core/registry.js",
            "web/static/src/session.js",
            "teahouse_base/static/src/app/style/tokens.css",
            "teahouse_base/static/src/app/**/*",
        ],
    },
    "pre_init_hook": "pre_init_hook",
    "application": True,
    "installable": True,
}
