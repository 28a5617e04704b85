from . import (
    res_company,
    res_config_settings,
    res_partner,
    res_users,
    teahouse_audit,
    teahouse_blacklist,
    teahouse_employee,
    teahouse_facility,
    teahouse_human_check,
    teahouse_identity,
    teahouse_live,
    teahouse_member,
    teahouse_member_login,
    teahouse_member_privacy,
    teahouse_notification,
    teahouse_notification_sender,
    teahouse_notification_template,
    teahouse_otp,
    teahouse_photo,
    teahouse_platform_app,
    teahouse_restore,
    teahouse_room,
    teahouse_room_type,
    teahouse_session,
    teahouse_sms_account,
    teahouse_store,
    teahouse_store_capability,
    teahouse_store_opening,
    teahouse_store_place,
    teahouse_store_search,
    teahouse_throttle,
    teahouse_upload,
)

# What stands on several of them.
from . import (
    teahouse_authorization,
    teahouse_identity_login,
    teahouse_member_merge,
    teahouse_retention,
    teahouse_setup,
    teahouse_today,
    teahouse_wechat_subscription,
)

# The API frame; after the models it extends.
from . import (
    api_document,
    api_idempotency,
    api_identity,
    api_limit,
    api_member,
    api_session,
    api_settings,
    api_store,
    ir_http,
)
from . import app_shell
