from . import (
    res_users,
    teahouse_audit,
    teahouse_blacklist,
    teahouse_facility,
    teahouse_identity,
    teahouse_member,
    teahouse_notification,
    teahouse_notification_template,
    teahouse_otp,
    teahouse_photo,
    teahouse_room,
    teahouse_room_type,
    teahouse_session,
    teahouse_store,
    teahouse_store_opening,
    teahouse_upload,
)
# The API frame; after the models it extends.
from . import api_idempotency, api_limit, api_session, ir_http
