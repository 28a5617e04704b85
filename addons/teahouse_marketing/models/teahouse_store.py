from odoo import api, fields, models


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    use_rewards = fields.Boolean(
        string="Member prices, coupons and points",
        default=True,
        help="Points are earned and spent here, coupons and the tier's discount count.",
    )
    use_prepaid = fields.Boolean(
        string="Balance and cards",
        default=True,
        help="Stays can be paid from a balance, or with an hour or count card.",
    )

    @api.model
    def _capability_fields(self):
        return {
            **super()._capability_fields(),
            "prepaid": "use_prepaid",
            "rewards": "use_rewards",
        }
