from odoo import models


class LoyaltyReward(models.Model):
    _inherit = "loyalty.reward"

    def _create_missing_discount_line_products(self):
        """Override of `loyalty`: who makes coupons needs no right on products."""
        return super(
            LoyaltyReward, self.sudo()
        )._create_missing_discount_line_products()
