import ast
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class TeahouseSegment(models.Model):
    """Members with something in common; empty fields ask for nothing."""

    _name = "teahouse.segment"
    _description = "Segment of members"
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    tier_ids = fields.Many2many("teahouse.tier", string="Tiers")
    store_ids = fields.Many2many(
        "teahouse.store", string="Stayed at", help="At least once, in any of these."
    )
    stays_from = fields.Integer(string="Stays from")
    stays_to = fields.Integer(string="Stays to", help="Zero: no limit.")
    spent_from = fields.Float(string="Spent from")
    away_days = fields.Integer(
        string="Away for days", help="Settled stays, but none for so long."
    )
    came_days = fields.Integer(string="Came within days")
    newcomer = fields.Boolean(string="Never came")
    joined_days = fields.Integer(string="Joined within days")
    birthday_month = fields.Boolean(string="Birthday this month")
    domain = fields.Char(
        string="Further conditions", default="[]", help="On fields of members."
    )
    size = fields.Integer(compute="_compute_size", string="Members now")
    reachable = fields.Integer(
        compute="_compute_size", help="Those who take advertising."
    )

    @api.constrains("domain")
    def _check_domain(self):
        for segment in self:
            try:
                segment._member_domain()
                self.env["teahouse.member"].sudo().search_count(
                    segment._member_domain(), limit=1
                )
            except (ValueError, SyntaxError, KeyError, TypeError) as error:
                raise ValidationError(
                    self.env._("These conditions cannot be read.")
                ) from error

    @api.depends(
        "tier_ids",
        "store_ids",
        "stays_from",
        "stays_to",
        "spent_from",
        "away_days",
        "came_days",
        "newcomer",
        "joined_days",
        "birthday_month",
        "domain",
    )
    def _compute_size(self):
        members = self.env["teahouse.member"].sudo()
        for segment in self:
            try:
                domain = segment._member_domain()
                segment.size = members.search_count(domain)
                segment.reachable = members.search_count(
                    Domain(domain) & Domain("marketing_opt_out", "=", False)
                )
            except (ValueError, SyntaxError, KeyError, TypeError):
                segment.size = segment.reachable = 0

    def _member_domain(self):
        """Return which approved members belong to the segment now.

        :raise ValueError: the further conditions are no domain
        """
        self.ensure_one()
        now = fields.Datetime.now()
        parts = [Domain("state", "=", "approved")]
        if self.tier_ids:
            parts.append(Domain("tier_id", "in", self.tier_ids.ids))
        if self.store_ids:
            stays = Domain("store_id", "in", self.store_ids.ids) & Domain(
                "state", "=", "completed"
            )
            parts.append(Domain("booking_ids", "any", stays))
        if self.stays_from:
            parts.append(Domain("stay_count", ">=", self.stays_from))
        if self.stays_to:
            parts.append(Domain("stay_count", "<=", self.stays_to))
        if self.spent_from:
            parts.append(Domain("spent_total", ">=", self.spent_from))
        if self.away_days:
            since = now - timedelta(days=self.away_days)
            parts.append(Domain("last_stay_at", "<", since))
        if self.came_days:
            since = now - timedelta(days=self.came_days)
            parts.append(Domain("last_stay_at", ">=", since))
        if self.newcomer:
            parts.append(Domain("stay_count", "=", 0))
        if self.joined_days:
            since = now - timedelta(days=self.joined_days)
            parts.append(Domain("create_date", ">=", since))
        if self.birthday_month:
            month = fields.Date.context_today(self).month
            parts.append(Domain("birthday.month_number", "=", month))
        parts.append(Domain(ast.literal_eval(self.domain or "[]")))
        return list(Domain.AND(parts))

    def action_view_members(self):
        """Open the members of the segment."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_base.teahouse_member_action"
        )
        return {**action, "domain": self._member_domain(), "context": {}}

    def action_plan_activities(self):
        """Plan a call to each member of the segment, once while one is open."""
        self.ensure_one()
        self.check_access("read")
        members = self.env["teahouse.member"].search(self._member_domain(), limit=500)
        kind = self.env.ref("mail.mail_activity_data_call")
        model_id = self.env["ir.model"]._get_id("teahouse.member")
        activities = self.env["mail.activity"].sudo()
        planned = activities.search(
            [
                ("res_model_id", "=", model_id),
                ("res_id", "in", members.ids),
                ("activity_type_id", "=", kind.id),
            ]
        ).mapped("res_id")
        activities.create(
            [
                {
                    "res_model_id": model_id,
                    "res_id": member.id,
                    "activity_type_id": kind.id,
                    "summary": self.name,
                    "user_id": self.env.uid,
                }
                for member in members
                if member.id not in planned
            ]
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s calls are planned.", len(members) - len(set(planned))
                ),
            },
        }
