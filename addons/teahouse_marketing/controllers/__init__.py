from . import balance, coupons, insight, marketing
