from . import (
    test_access,
    test_campaign,
    test_coupon_race,
    test_coupons,
    test_discounts,
    test_engine_discounts,
    test_inquiry,
    test_membership,
)
