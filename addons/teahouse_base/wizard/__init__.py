from . import teahouse_member_register, teahouse_room_batch
