from odoo import api, models


class TeahouseAudit(models.Model):
    _inherit = "teahouse.audit"

    @api.model
    def _action_words(self):
        return {
            **super()._action_words(),
            "charge.adjust": self.env._("Charge adjusted"),
            "goods.take_back": self.env._("Goods taken off the bill"),
            "money.settings": self.env._("Prices and books set"),
            "payment.counter": self.env._("Paid at the counter"),
            "payment.too_late": self.env._("Payment came too late"),
            "payment.wrong_amount": self.env._("Payment of a wrong amount"),
            "refund.failed": self.env._("Refund failed"),
            "refund.impossible": self.env._("Refund impossible"),
            "till.close": self.env._("Till closed"),
            "till.move": self.env._("Money put into or taken out of the till"),
            "till.open": self.env._("Till opened"),
        }
