from . import coupons, marketing
