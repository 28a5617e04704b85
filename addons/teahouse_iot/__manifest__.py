{
    "name": "Teahouse IoT",
    "summary": "Doors, power and sensors of unstaffed tea rooms over MQTT",
    "version": "19.0.1.0.0",
    "category": "Services/Teahouse",
    "author": "Teahouse",
    "license": "LGPL-3",
    "depends": ["teahouse_booking", "maintenance"],
    "external_dependencies": {"python": ["paho-mqtt"]},
    "data": [
        # Security
        "security/teahouse_iot_groups.xml",
        "security/ir.model.access.csv",
        "security/teahouse_iot_security.xml",
        # Data
        "data/teahouse_notification_template_data.xml",
        "data/ir_cron_data.xml",
        # Wizards
        "wizard/teahouse_device_credential_views.xml",
        "wizard/teahouse_remote_open_views.xml",
        # Views
        "views/teahouse_command_views.xml",
        "views/teahouse_alarm_views.xml",
        "views/teahouse_device_views.xml",
        "views/teahouse_access_log_views.xml",
        "views/teahouse_grant_views.xml",
        "views/teahouse_booking_views.xml",
        "views/teahouse_store_views.xml",
        "views/teahouse_room_views.xml",
        "views/teahouse_privacy_settings_views.xml",
        "views/teahouse_iot_menus.xml",
    ],
    "demo": ["demo/teahouse_device_demo.xml"],
    "uninstall_hook": "uninstall_hook",
    "assets": {
        "teahouse_base.app_assets": ["teahouse_iot/static/src/app/**/*"],
    },
    "installable": True,
}
