from datetime import timedelta

from odoo import fields, models


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    end_on_evidence = fields.Boolean(
        string="An empty room ends the stay",
        help="For rooms with sensors: use ends once they show that nobody is there.",
    )
    evidence_minutes = fields.Integer(
        string="Empty for", default=10, help="Minutes after which a room counts empty."
    )

    _evidence_positive = models.Constraint(
        "CHECK(evidence_minutes > 0)", "A room is not empty after no time at all."
    )


class TeahouseBooking(models.Model):
    """The end of use where nobody tells: sensors do, or staff are called."""

    _inherit = "teahouse.booking"

    def _leave_on_evidence(self, empty_since):
        """End a stay (one) whose room has been empty for long enough.

        Whoever knows sensors calls this: with an instant since which nobody was seen,
        or since which the door is closed and no power is used. Use has ended then, not
        when it was noticed.

        :param empty_since: naive UTC
        :return: whether the stay has ended by this
        :rtype: bool
        """
        self.ensure_one()
        store = self.store_id
        if not store.end_on_evidence or self.shadow_of_id:
            return False
        self._lock_stays()
        if self.state != "in_use":
            return False
        # What was seen before they came says nothing about them.
        left = max(empty_since, self.checked_in_at)
        patience = timedelta(minutes=store.evidence_minutes)
        if left + patience > fields.Datetime.now():
            return False
        self._checkout("evidence", at=min(left, self._use_ends_at()))
        return True

    def _end_due(self):
        """Override: nobody knows whether guests who ran over are out: call staff."""
        ran_over = self.state == "in_use" and self.store_id.at_end == "run_on"
        result = super()._end_due()
        if ran_over and self.state == "completed":
            self._call_staff("overtime_stopped")
        return result

    def _call_staff(self, template):
        """Tell those who look after the store, once for each stay (one)."""
        self.ensure_one()
        store_sudo = self.store_id.sudo()
        staff = store_sudo.manager_id | store_sudo.user_ids.filtered(
            lambda user: user.has_group("teahouse_base.teahouse_base_group_staff")
        )
        self.env["teahouse.notification"].sudo()._notify(
            staff,
            template,
            {
                "store": store_sudo.name,
                "room": self.room_id.name,
                "start": f"{store_sudo._local(self.start):%Y-%m-%d %H:%M}",
                "ref": self.ref,
            },
            event_key=f"{template}:{self.ref}",
        )
