from . import (
    teahouse_booking_customer,
    teahouse_booking_cancel,
    teahouse_booking_counter,
    teahouse_booking_plan,
    teahouse_booking_group_cancel,
)
