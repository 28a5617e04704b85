from . import (
    teahouse_device_bind,
    teahouse_device_credential,
    teahouse_remote_open,
    teahouse_room_visitors,
)
