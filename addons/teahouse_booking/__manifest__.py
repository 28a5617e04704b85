{
    "name": "Teahouse Bookings",
    "summary": "Availability, holds, stays, passes, cleaning and reviews of tea rooms",
    "version": "19.0.1.0.0",
    "category": "Services/Teahouse",
    "author": "Teahouse",
    "license": "LGPL-3",
    "depends": ["teahouse_base"],
    "external_dependencies": {"python": ["qrcode"]},
    "data": [
        # Security
        "security/ir.model.access.csv",
        "security/teahouse_booking_security.xml",
        # Data
        "data/ir_cron_data.xml",
        "data/teahouse_notification_template_data.xml",
        # Reports
        "report/teahouse_room_poster.xml",
        # Views
        "wizard/teahouse_booking_cancel_views.xml",
        "wizard/teahouse_booking_counter_views.xml",
        "wizard/teahouse_booking_plan_views.xml",
        "views/teahouse_booking_group_views.xml",
        "views/teahouse_booking_views.xml",
        "views/teahouse_cleaning_task_views.xml",
        "views/teahouse_review_views.xml",
        "views/teahouse_closing_views.xml",
        "views/teahouse_weekly_closing_views.xml",
        "views/teahouse_waitlist_views.xml",
        "views/teahouse_room_views.xml",
        "views/teahouse_store_views.xml",
        "views/teahouse_member_views.xml",
        "views/teahouse_booking_menus.xml",
        "views/teahouse_board_views.xml",
        "views/teahouse_damage_views.xml",
    ],
    "demo": ["demo/teahouse_booking_demo.xml"],
    "assets": {
        "web.assets_backend": ["teahouse_booking/static/src/board/*"],
        "teahouse_base.app_assets": ["teahouse_booking/static/src/app/**/*"],
    },
    "pre_init_hook": "pre_init_hook",
    "post_init_hook": "post_init_hook",
}
