from odoo import fields, models

from ..const import BALANCE, VOUCHER


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[(BALANCE, "Member balance"), (VOUCHER, "Group-buy voucher")],
        ondelete={BALANCE: "set default", VOUCHER: "set default"},
    )

    def _compute_feature_support_fields(self):
        """Override of `payment`: what was spent can go back, in parts too."""
        result = super()._compute_feature_support_fields()
        ours = self.filtered(lambda one: one.code in (BALANCE, VOUCHER))
        ours.support_refund = "partial"
        return result

    def _get_default_payment_method_codes(self):
        """Override of `payment`."""
        self.ensure_one()
        if self.code not in (BALANCE, VOUCHER):
            return super()._get_default_payment_method_codes()
        return {self.code}
