from odoo import models


class PaymentTransaction(models.Model):
    """WeChat hears of top-ups and cards too, or their money stays frozen there."""

    _inherit = "payment.transaction"

    def _start(self, scene=None, payer=None):
        """Override to remember where the client pays for a purchase."""
        if scene and self.teahouse_purchase_id and self.teahouse_scene != scene:
            self.teahouse_scene = scene
        return super()._start(scene, payer)

    def _served(self):
        """Override of `teahouse_billing`: purchases have no booking."""
        purchase = self.teahouse_purchase_id
        if purchase:
            return purchase.member_id, purchase.store_id
        return super()._served()


class TeahousePurchase(models.Model):
    _inherit = "teahouse.purchase"

    def _on_money_moved(self, tx):
        """Override: what was bought is given at once, and nothing has to wait."""
        result = super()._on_money_moved(tx)
        if self.state == "paid":
            tx._mark_service_given()
        return result
