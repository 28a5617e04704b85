from . import teahouse_member_register
