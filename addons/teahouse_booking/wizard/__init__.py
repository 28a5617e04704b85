from . import teahouse_booking_cancel, teahouse_booking_counter
