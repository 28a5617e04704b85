from . import (
    test_cancellation_money,
    test_payments,
    test_settlement,
)
