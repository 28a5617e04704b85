from datetime import timedelta
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_billing.models.teahouse_tariff import clock_minutes

from ..engine import discounts

KINDS = [
    ("amount", "Money off"),
    ("percent", "Percent off"),
    ("free_time", "Free hours"),
    ("extra_time", "Extra time"),
]


class LoyaltyProgram(models.Model):
    """Coupons for stays: what they give, to whom, where and when."""

    _name = "loyalty.program"
    _inherit = ["loyalty.program", "teahouse.days.mixin"]

    teahouse_coupon = fields.Boolean(
        string="Coupon for stays", help="Given to members and taken off stays."
    )
    coupon_kind = fields.Selection(KINDS, string="Gives", default="amount")
    coupon_value = fields.Float(
        string="Value", digits=(12, 2), default=10, help="An amount, or a percentage."
    )
    coupon_minutes = fields.Integer(
        string="Minutes", default=60, help="Of free hours or of extra time."
    )
    coupon_minimum = fields.Monetary(
        string="Stay costs from",
        help="The stay costs at least this, before discounts.",
    )
    coupon_cap = fields.Monetary(
        string="At most", help="Most that comes off; zero: no limit."
    )
    coupon_audience = fields.Selection(
        [
            ("any", "Every member"),
            ("newcomer", "Newcomers"),
            ("birthday", "Around the birthday"),
        ],
        string="Usable by",
        default="any",
        required=True,
    )
    birthday_days = fields.Integer(
        string="Days around the birthday", default=7, help="Before and after it."
    )
    coupon_store_ids = fields.Many2many(
        "teahouse.store",
        "loyalty_program_teahouse_store_rel",
        string="Stores",
        help="Empty: all stores.",
    )
    coupon_room_type_ids = fields.Many2many(
        "teahouse.room.type",
        "loyalty_program_teahouse_room_type_rel",
        string="Room types",
        help="Empty: all rooms.",
    )
    coupon_tier_ids = fields.Many2many(
        "teahouse.tier",
        "loyalty_program_teahouse_tier_rel",
        string="Tiers",
        help="Empty: members of any tier, or of none.",
    )
    hour_from = fields.Float(help="The stay begins at this clock time or later.")
    hour_to = fields.Float(
        default=24.0, help="The stay begins before this; earlier crosses midnight."
    )
    valid_days = fields.Integer(
        string="Valid for days",
        default=30,
        help="From the day it is given; zero: until the end of the program.",
    )
    coupon_stacks = fields.Boolean(
        string="Together with other coupons", help="Both have to allow it."
    )
    coupon_with_tier = fields.Boolean(string="Together with tier", default=True)
    coupon_with_points = fields.Boolean(string="Together with points", default=True)
    coupon_claimable = fields.Boolean(
        string="Claimed in the app", help="Members take it themselves."
    )
    claim_limit = fields.Integer(string="Most claims", help="In all; zero: no limit.")
    member_limit = fields.Integer(
        string="Each member", default=1, help="Most that one member gets; zero: any."
    )
    claim_count = fields.Integer(string="Claims", readonly=True, copy=False)
    coupon_code = fields.Char(
        string="Code for everybody",
        copy=False,
        help="Whoever enters it gets a coupon, within the limits.",
    )
    coupon_used_count = fields.Integer(compute="_compute_coupon_counts", string="Used")
    coupon_open_count = fields.Integer(compute="_compute_coupon_counts", string="Open")

    _coupon_values = models.Constraint(
        """CHECK(coupon_value >= 0 AND coupon_minutes >= 0 AND coupon_minimum >= 0
                 AND coupon_cap >= 0 AND valid_days >= 0 AND claim_limit >= 0
                 AND member_limit >= 0 AND birthday_days BETWEEN 0 AND 180
                 AND (coupon_kind <> 'percent' OR coupon_value <= 100)
                 AND hour_from >= 0 AND hour_from < 24
                 AND hour_to >= 0 AND hour_to <= 24)""",
        "No value of a coupon is negative, and percentages end at 100.",
    )
    _claims_limited = models.Constraint(
        "CHECK(claim_limit = 0 OR claim_count <= claim_limit)",
        "All coupons of this kind are taken.",
    )
    _coupon_code_unique = models.UniqueIndex(
        "(upper(coupon_code)) WHERE coupon_code IS NOT NULL",
        "This code belongs to another program.",
    )

    def _compute_coupon_counts(self):
        groups = self.env["loyalty.card"]._read_group(
            [("program_id", "in", self.ids)],
            ["program_id", "teahouse_state"],
            ["__count"],
        )
        counts = {(program.id, state): count for program, state, count in groups}
        for program in self:
            program.coupon_used_count = counts.get((program.id, "used"), 0)
            program.coupon_open_count = counts.get((program.id, "available"), 0)

    @api.constrains("teahouse_coupon", "coupon_kind", "coupon_value", "coupon_minutes")
    def _check_coupon_gives(self):
        for program in self.filtered("teahouse_coupon"):
            timed = program.coupon_kind in ("free_time", "extra_time")
            if not (program.coupon_minutes if timed else program.coupon_value):
                raise ValidationError(self.env._("The coupon gives nothing."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("teahouse_coupon"):
                vals.update(
                    program_type="coupons",
                    trigger="with_code",
                    applies_on="current",
                    communication_plan_ids=[],
                    rule_ids=[],
                    reward_ids=[fields.Command.create(self._reward_values(vals))],
                )
        return super().create(vals_list)

    def write(self, vals):
        result = super().write(vals)
        if {"coupon_kind", "coupon_value", "coupon_cap"} & vals.keys():
            for program in self.filtered("teahouse_coupon"):
                values = program._reward_values(
                    {
                        name: program[name]
                        for name in ("coupon_kind", "coupon_value", "coupon_cap")
                    }
                )
                program.reward_ids[:1].write(values)
        return result

    @api.model
    def _reward_values(self, vals):
        """Return the reward as other channels of sale would understand it."""
        percent = vals.get("coupon_kind") == "percent"
        return {
            "reward_type": "discount",
            "discount_mode": "percent" if percent else "per_order",
            "discount": vals.get("coupon_value") or 1,
            "discount_max_amount": vals.get("coupon_cap") or 0,
            "discount_applicability": "order",
            "required_points": 1,
        }

    # === RULES === #

    def _engine_coupon(self, key):
        """Return the coupon as the engine takes it.

        :param int key: names the coupon in the result
        """
        self.ensure_one()
        return discounts.Coupon(
            key=key,
            kind=self.coupon_kind,
            value=Decimal(repr(self.coupon_value)),
            minutes=self.coupon_minutes,
            minimum=Decimal(repr(self.coupon_minimum)),
            cap=Decimal(repr(self.coupon_cap)) if self.coupon_cap else None,
            stacks=self.coupon_stacks,
            with_tier=self.coupon_with_tier,
            with_points=self.coupon_with_points,
        )

    def _coupon_refusal(self, member, room, start):
        """Return why a member cannot use the coupon for a stay, None if it fits.

        :param start: of the stay, naive UTC
        :rtype: str
        """
        self.ensure_one()
        store = room.store_id
        local = store._local(start)
        if self.company_id and self.company_id != room.company_id:
            return self.env._("The coupon is not for this store.")
        if self.coupon_store_ids and store not in self.coupon_store_ids:
            return self.env._("The coupon is not for this store.")
        types = self.coupon_room_type_ids
        if types and room.room_type_id not in types:
            return self.env._("The coupon is not for this kind of room.")
        if self.coupon_tier_ids and member.tier_id not in self.coupon_tier_ids:
            return self.env._("The coupon is for members of other tiers.")
        if not self._coupon_on(room.company_id, local):
            return self.env._("The coupon is not for this time.")
        return self._audience_refusal(member, store)

    def _coupon_on(self, company, local):
        """Tell whether the coupon is for stays that begin at a local time."""
        self.ensure_one()
        calendar = self.env["teahouse.tariff"]._catalog(company).calendar
        day = local.date()
        minute = local.hour * 60 + local.minute
        first, last = clock_minutes(self.hour_from), clock_minutes(self.hour_to)
        inside = (
            first <= minute < last
            if first < last
            else minute >= first or minute < last or first == last
        )
        days = self._engine_days()
        return inside and days.match(day.weekday(), calendar(day), day)

    def _audience_refusal(self, member, store):
        self.ensure_one()
        if self.coupon_audience == "newcomer" and not member._is_newcomer():
            return self.env._("The coupon is for the first stay.")
        if self.coupon_audience == "birthday":
            today = store._local(fields.Datetime.now()).date()
            if not member._has_birthday(today, self.birthday_days):
                return self.env._("The coupon is for the days around the birthday.")
        return None

    # === GIVING === #

    def _coupon_running(self, member=None):
        """Tell whether coupons of the program are given out now.

        :param member: whose tier may be let in before all others
        """
        self.ensure_one()
        today = fields.Date.context_today(self)
        early = timedelta(days=member.sudo().tier_id.early_days if member else 0)
        return (
            self.active
            and self.teahouse_coupon
            and not (self.date_from and self.date_from - early > today)
            and not (self.date_to and self.date_to < today)
        )

    def _coupon_expiry(self, day):
        """Return the last day of a coupon that is given on a day, None for no end."""
        self.ensure_one()
        ends = [self.date_to] if self.date_to else []
        if self.valid_days:
            ends.append(day + timedelta(days=self.valid_days))
        return min(ends, default=None)

    def _count_claim(self):
        """Count a claim against the program's limit; of the last two one wins.

        :raise TeahouseError: invalid_state, all are taken
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE loyalty_program
                      SET claim_count = coalesce(claim_count, 0) + 1
                    WHERE id = %s AND (coalesce(claim_limit, 0) = 0
                          OR coalesce(claim_count, 0) < claim_limit)
                RETURNING id""",
                self.id,
            ),
            log_exceptions=False,
        )
        counted = self.env.cr.fetchall()
        self.invalidate_recordset(["claim_count"])
        if not counted:
            raise TeahouseError("invalid_state", self.env._("All coupons are taken."))

    def action_view_coupons(self):
        """Open the coupons of the program."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_marketing.loyalty_card_action_coupons"
        )
        return {**action, "domain": [("program_id", "=", self.id)], "context": {}}

    def action_give_coupons(self):
        """Open a new batch of coupons of the program."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give coupons"),
            "res_model": "teahouse.coupon.batch",
            "view_mode": "form",
            "target": "current",
            "context": {"default_program_id": self.id},
        }
