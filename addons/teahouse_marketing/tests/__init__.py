from . import (
    test_access,
    test_balance,
    test_balance_race,
    test_campaign,
    test_coupon_race,
    test_coupons,
    test_discounts,
    test_engine_discounts,
    test_inquiry,
    test_member_privacy,
    test_membership,
)
