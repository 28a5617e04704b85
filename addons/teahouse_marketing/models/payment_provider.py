from odoo import fields, models

from ..const import BALANCE


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[(BALANCE, "Member balance")], ondelete={BALANCE: "set default"}
    )

    def _compute_feature_support_fields(self):
        """Override of `payment`: what was spent can go back, in parts too."""
        result = super()._compute_feature_support_fields()
        self.filtered(lambda one: one.code == BALANCE).support_refund = "partial"
        return result

    def _get_default_payment_method_codes(self):
        """Override of `payment`."""
        self.ensure_one()
        if self.code != BALANCE:
            return super()._get_default_payment_method_codes()
        return {BALANCE}
