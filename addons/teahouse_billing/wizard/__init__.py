from . import teahouse_adjust_wizard
