from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

from ..engine.recurrence import Rule, occurrences

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
#: Staff agree with the customer how far ahead a series goes.
OF_SERIES = frozenset(("horizon",))


class TeahouseBookingPlan(models.TransientModel):
    """Make a series, or book all rooms of a store: look first, then make as one."""

    _name = "teahouse.booking.plan"
    _description = "Series or whole store"
    _inherit = ["teahouse.booking.customer.mixin"]

    kind = fields.Selection(
        [("series", "Series"), ("whole_store", "Whole store")],
        required=True,
        default="series",
    )
    store_id = fields.Many2one(
        "teahouse.store", compute="_compute_store_id", store=True, readonly=False
    )
    room_id = fields.Many2one("teahouse.room")
    start = fields.Datetime(default=lambda self: self._next_half_hour())
    hours = fields.Float(default=2.0)
    people = fields.Integer(default=2)
    note = fields.Char()
    hold_hours = fields.Integer(
        string="Keep for payment",
        default=24,
        help="Hours for which the slots are kept while they are not paid.",
    )
    freq = fields.Selection(
        [("daily", "Days"), ("weekly", "Weeks")], default="weekly", required=True
    )
    interval = fields.Integer(string="Every", default=1)
    mon = fields.Boolean("Mo")
    tue = fields.Boolean("Tu")
    wed = fields.Boolean("We")
    thu = fields.Boolean("Th")
    fri = fields.Boolean("Fr")
    sat = fields.Boolean("Sa")
    sun = fields.Boolean("Su")
    ends = fields.Selection(
        [("count", "After a number of stays"), ("until", "On a day")],
        default="count",
        required=True,
    )
    count = fields.Integer(default=8)
    until = fields.Date()
    override = fields.Boolean(string="Make an exception")
    reason = fields.Char()
    line_ids = fields.One2many("teahouse.booking.plan.line", "plan_id")
    problem_count = fields.Integer(compute="_compute_counts")
    chosen_count = fields.Integer(compute="_compute_counts")

    @api.depends("room_id", "kind")
    def _compute_store_id(self):
        for plan in self:
            if plan.kind == "series" or not plan.store_id:
                plan.store_id = plan.room_id.store_id

    @api.depends("line_ids.problem", "line_ids.chosen")
    def _compute_counts(self):
        for plan in self:
            plan.problem_count = len(plan.line_ids.filtered("problem"))
            plan.chosen_count = len(plan.line_ids.filtered("chosen"))

    # === LOOK === #

    def action_look(self):
        """Show all stays that would be made, and what speaks against each."""
        self.ensure_one()
        slots = self._slots()
        problems = self._problems(slots)
        self.line_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create(
                    {
                        "room_id": room.id,
                        "start": start,
                        "end": end,
                        "people": people,
                        "problem": problem,
                        "chosen": not problem,
                    }
                )
                for (room, start, end, people), problem in zip(
                    slots, problems, strict=True
                )
            ),
        ]
        return self._stay_open()

    def action_back(self):
        """Change what was entered."""
        self.line_ids = [fields.Command.clear()]
        return self._stay_open()

    def _stay_open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Whole store")
            if self.kind == "whole_store"
            else self.env._("Series"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _slots(self):
        """Return (room, start, end, people) of all stays; naive UTC.

        :raise TeahouseError: invalid_request
        """
        start = self.start.replace(second=0, microsecond=0)
        minutes = round(self.hours * 60)
        if minutes <= 0:
            raise TeahouseError(
                "invalid_request", self.env._("The end lies after the start.")
            )
        if self.kind == "whole_store":
            return self._slots_of_store(start, start + timedelta(minutes=minutes))
        self.room_id.check_access("read")
        found = occurrences(self._rule(), self.store_id._local(start), minutes)
        if not found:
            raise TeahouseError(
                "invalid_request", self.env._("No day lies in this series.")
            )
        return [
            (self.room_id, to_utc_naive(begin), to_utc_naive(end), self.people)
            for begin, end in found
        ]

    def _slots_of_store(self, start, end):
        """Return a stay for each open room, and the people spread over them."""
        self.store_id.check_access("read")
        rooms = self.store_id.room_ids.filtered(lambda room: room.state == "open")
        if not rooms or self.people > sum(rooms.mapped("capacity")):
            raise TeahouseError(
                "invalid_request",
                self.env._(
                    "All open rooms together hold %s people.",
                    sum(rooms.mapped("capacity")),
                ),
            )
        left, slots = self.people, []
        for index, room in enumerate(rooms):
            # Nobody books a room for nobody.
            empty = len(rooms) - index - 1
            people = max(1, min(room.capacity, left - empty))
            slots.append((room, start, end, people))
            left -= people
        return slots

    def _rule(self):
        """Return the rule of the series as the engine takes it.

        :raise TeahouseError: invalid_request
        """
        if self.interval < 1 or (self.ends == "count" and self.count < 1):
            raise TeahouseError(
                "invalid_request", self.env._("Say how often the stay comes again.")
            )
        if self.ends == "until" and not self.until:
            raise TeahouseError(
                "invalid_request", self.env._("Say on which day the series ends.")
            )
        return Rule(
            freq=self.freq,
            interval=self.interval,
            weekdays=frozenset(n for n, day in enumerate(WEEKDAYS) if self[day]),
            count=self.count if self.ends == "count" else None,
            until=self.until if self.ends == "until" else None,
        )

    def _waive(self):
        waive = self.env["teahouse.booking"]._waived(self._exception())
        return waive | OF_SERIES if self.kind == "series" else waive

    def _problems(self, slots):
        """Return for each stay what speaks against it, in words, or False.

        What is taken is looked up by one statement, however many stays there are.
        """
        bookings, waive = self.env["teahouse.booking"], self._waive()
        rooms = self.env["teahouse.room"].union(*(slot[0] for slot in slots))
        starts, ends = [slot[1] for slot in slots], [slot[2] for slot in slots]
        free = rooms.sudo()._unblocked(
            min(starts), max(ends), closings="closed" not in waive
        )
        found, kept_until = [], {}
        for room, start, end, people in slots:
            problem = False
            try:
                bookings._check_bookable(room, start, end, people, waive)
            except TeahouseError as error:
                problem = str(error)
            fits = any(a <= start and end <= b for a, b in free[room.id])
            if not problem and not fits:
                problem = self.env._("The room is taken at that time.")
            if not problem and start < kept_until.get(room.id, start):
                problem = self.env._("It meets the stay before it.")
            if not problem:
                turnover = timedelta(minutes=room.sudo().turnover_minutes)
                kept_until[room.id] = end + turnover
            found.append(problem)
        return found

    # === MAKE === #

    def action_make(self):
        """Make the chosen stays as one, and open the group.

        :raise TeahouseError: slot_taken, when somebody was quicker; nothing is made
        """
        self.ensure_one()
        chosen = self.line_ids.filtered("chosen")
        if self.kind == "whole_store" and chosen != self.line_ids:
            raise TeahouseError(
                "slot_taken",
                self.env._("Not all rooms are free: a whole store is all or nothing."),
            )
        if not chosen:
            raise TeahouseError("invalid_request", self.env._("Nothing is chosen."))
        chosen.room_id.check_access("read")
        if chosen.room_id.store_id != self.store_id:
            raise TeahouseError(
                "invalid_request", self.env._("Choose rooms of one store.")
            )
        member_sudo, partner_sudo = self._find_customer()
        if member_sudo:
            member_sudo._check_can_book(self.store_id)
        reason = self._exception()
        customer = {"member_id": member_sudo.id}
        if not member_sudo:
            customer["partner_id"] = partner_sudo.id
        stay = {**customer, "note": self.note, "source": "staff", **self._deadline()}
        if member_sudo:
            people = {"member_id": member_sudo.id, "role": "booker"}
            stay["participant_ids"] = [fields.Command.create(people)]
        name = member_sudo.name or partner_sudo.name or self.store_id.name
        group_sudo = self.env["teahouse.booking.group"]._make(
            {
                **customer,
                "partner_id": (member_sudo.partner_id or partner_sudo).id,
                "name": f"{name} · {self.store_id._local(self.start):%m-%d %H:%M}",
                "kind": self.kind,
                "store_id": self.store_id.id,
                "note": self.note,
            },
            [(line.room_id, line.start, line.end, line.people) for line in chosen],
            stay,
            self._waive(),
        )
        group_sudo.booking_ids._keep_override("book", reason)
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.booking.group",
            "res_id": group_sudo.id,
            "views": [(False, "form")],
        }

    def _deadline(self):
        """Return until when the slots are kept unpaid: never past the first start."""
        now = fields.Datetime.now()
        usual = now + timedelta(minutes=self.store_id.hold_minutes)
        wanted = now + timedelta(hours=self.hold_hours)
        first = min(self.line_ids.filtered("chosen").mapped("start"))
        return {"hold_expires_at": max(usual, min(wanted, first))}


class TeahouseBookingPlanLine(models.TransientModel):
    """A stay that would be made."""

    _name = "teahouse.booking.plan.line"
    _description = "Stay of a series"
    _order = "start, id"

    plan_id = fields.Many2one(
        "teahouse.booking.plan", required=True, ondelete="cascade", index=True
    )
    room_id = fields.Many2one("teahouse.room", required=True, ondelete="cascade")
    start = fields.Datetime(required=True)
    end = fields.Datetime(required=True)
    people = fields.Integer(required=True)
    problem = fields.Char()
    chosen = fields.Boolean()
