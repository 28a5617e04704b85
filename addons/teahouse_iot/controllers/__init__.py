from . import device_announce, teahouse_iot
