from odoo import api, models


class TeahouseAudit(models.Model):
    _inherit = "teahouse.audit"

    @api.model
    def _action_words(self):
        return {
            **super()._action_words(),
            "balance.payout": self.env._("Balance paid out"),
            "campaign.send": self.env._("Campaign sent"),
            "coupon.batch": self.env._("Coupons made in bulk"),
            "inquiry.reveal": self.env._("Phone number of an inquiry looked at"),
            "marketing.settings": self.env._("Membership and marketing set"),
        }
