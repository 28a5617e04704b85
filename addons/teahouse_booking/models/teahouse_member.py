from odoo import fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    booking_ids = fields.One2many("teahouse.booking", "member_id", string="Bookings")
    participation_ids = fields.One2many("teahouse.participant", "member_id")
    favourite_ids = fields.One2many("teahouse.favourite", "member_id")
    booking_count = fields.Integer(compute="_compute_booking_count")

    def _compute_booking_count(self):
        counts = dict(
            self.env["teahouse.booking"]._read_group(
                [("member_id", "in", self.ids), ("shadow_of_id", "=", False)],
                ["member_id"],
                ["__count"],
            )
        )
        for member in self:
            member.booking_count = counts.get(member, 0)

    def _check_can_erase(self):
        super()._check_can_erase()
        self._check_no_open_stay()

    def _check_no_open_stay(self):
        """:raise TeahouseError: invalid_state"""
        open_stays = (
            self.env["teahouse.booking"]
            .sudo()
            .search_count(
                [
                    ("member_id", "in", self.ids),
                    ("state", "in", ("hold", "confirmed", "in_use")),
                ],
                limit=1,
            )
        )
        if open_stays:
            raise TeahouseError("invalid_state", self.env._("A booking is still open."))

    def action_view_bookings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_booking.teahouse_booking_action"
        )
        action["domain"] = [("member_id", "=", self.id)]
        action["context"] = {"default_member_id": self.id}
        return action

    def _check_can_merge_into(self, target):
        """Override: stays that go on, and their money, are finished first."""
        super()._check_can_merge_into(target)
        self._check_no_open_stay()

    def _merge_into(self, target):
        """Override: the history of stays moves along."""
        twice = target.participation_ids.booking_id & self.participation_ids.booking_id
        for one in self.participation_ids.filtered(lambda o: o.booking_id in twice):
            # Who took part twice takes part once.
            one.state = "removed"
        self.favourite_ids.filtered(
            lambda one: one.store_id in target.favourite_ids.store_id
        ).unlink()
        self._hand_over(
            target,
            "teahouse.booking",
            "teahouse.participant",
            "teahouse.review",
            "teahouse.favourite",
            "teahouse.waitlist",
        )
        return super()._merge_into(target)
