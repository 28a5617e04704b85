from . import teahouse_adjust_wizard, teahouse_counter_payment_wizard
from . import teahouse_holiday_import, teahouse_tariff_simulator
