from odoo import models

from .. import const


class PaymentProvider(models.Model):
    _name = "payment.provider"
    _inherit = ["payment.provider", "field.encrypted.mixin"]

    def _is_chinese(self):
        """Tell whether the provider is one of those that stand on this addon."""
        self.ensure_one()
        return self.code in const.GATEWAYS

    def _compute_feature_support_fields(self):
        """Override of `payment` to enable refunds of any part."""
        super()._compute_feature_support_fields()
        ours = self.filtered(lambda provider: provider._is_chinese())
        ours.support_refund = "partial"

    def _get_supported_currencies(self):
        """Override of `payment` to return the supported currencies."""
        currencies = super()._get_supported_currencies()
        if self._is_chinese():
            currencies = currencies.filtered(
                lambda currency: currency.name in const.SUPPORTED_CURRENCIES
            )
        return currencies
