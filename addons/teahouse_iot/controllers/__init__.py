from . import teahouse_iot
