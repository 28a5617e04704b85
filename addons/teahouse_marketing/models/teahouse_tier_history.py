from odoo import fields, models


class TeahouseTierHistory(models.Model):
    """Why and when a member came to a tier."""

    _name = "teahouse.tier.history"
    _description = "Change of tier"
    _order = "id desc"

    member_id = fields.Many2one(
        "teahouse.member", required=True, readonly=True, ondelete="cascade", index=True
    )
    old_tier_id = fields.Many2one("teahouse.tier", string="From", readonly=True)
    tier_id = fields.Many2one("teahouse.tier", string="To", readonly=True, index=True)
    company_id = fields.Many2one("res.company", readonly=True)
    reason = fields.Selection(
        [
            ("growth", "Growth"),
            ("purchase", "Bought"),
            ("expired", "Expired"),
            ("merged", "Memberships merged"),
        ],
        required=True,
        readonly=True,
    )
    note = fields.Char(readonly=True)
    direction = fields.Selection(
        [("up", "Up"), ("down", "Down")], required=True, readonly=True
    )
