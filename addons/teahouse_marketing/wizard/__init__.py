from . import teahouse_marketing_settings
