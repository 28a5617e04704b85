from odoo import api, models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahousePurchase(models.Model):
    """What the app asks before something is bought."""

    _inherit = "teahouse.purchase"

    @api.model
    def _api_methods(self, store_id=None):
        """Return the methods by which a purchase can be paid now, none if none is.

        :param int store_id: where it is bought, the company's provider without one
        :rtype: list[str]
        """
        try:
            _store, company = self._company_of(store_id)
        except TeahouseError:
            return []
        purchase = self.sudo().new({"company_id": company.id})
        found = []
        for method in self.env["teahouse.booking"]._api_payment_methods():
            try:
                purchase._provider(method)
            except TeahouseError:
                continue
            found.append(method)
        return found
