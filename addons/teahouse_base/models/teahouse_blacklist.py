from odoo import fields, models


class TeahouseBlacklist(models.Model):
    _name = "teahouse.blacklist"
    _description = "Blacklist entry"
    _order = "id desc"

    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    store_id = fields.Many2one(
        "teahouse.store",
        ondelete="cascade",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all stores of the company.",
    )
    reason = fields.Char(required=True)
    expires_at = fields.Datetime(help="Empty: without end.")
    active = fields.Boolean(default=True)
