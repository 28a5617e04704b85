from odoo import fields, models
from odoo.fields import NO_ACCESS


class TeahouseSession(models.Model):
    _name = "teahouse.session"
    _description = "Session of a member"
    _order = "last_seen_at desc, id desc"
    _rec_name = "user_agent"

    token_hash = fields.Char(required=True, groups=NO_ACCESS, copy=False)
    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    scope = fields.Char(required=True, default="member")
    expires_at = fields.Datetime(required=True)
    absolute_expires_at = fields.Datetime(required=True)
    last_seen_at = fields.Datetime(required=True)
    revoked_at = fields.Datetime()
    user_agent = fields.Char()
    ip = fields.Char(string="Address")

    _token_unique = models.Constraint("UNIQUE(token_hash)", "A token is unique.")
