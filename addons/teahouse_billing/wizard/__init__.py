from . import teahouse_adjust_wizard, teahouse_counter_payment_wizard
from . import teahouse_holiday_import, teahouse_tariff_simulator
from . import teahouse_report_wizard, teahouse_report_finance, teahouse_report_statement
from . import teahouse_money_settings, teahouse_tariff_copy, teahouse_tariff_start
from . import teahouse_report_cashup
from . import teahouse_statement_import
