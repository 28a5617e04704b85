from odoo import fields, models


class LoyaltyHistory(models.Model):
    _inherit = "loyalty.history"

    teahouse_event = fields.Selection(
        [
            ("issued", "Given"),
            ("claimed", "Claimed"),
            ("reserved", "Taken for a stay"),
            ("used", "Used"),
            ("returned", "Given back"),
            ("expired", "Expired"),
            ("revoked", "Withdrawn"),
            ("earned", "Earned"),
            ("spent", "Spent"),
        ],
        string="Event",
        readonly=True,
        index="btree_not_null",
    )
