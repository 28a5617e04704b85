from . import balance, coupons, marketing
