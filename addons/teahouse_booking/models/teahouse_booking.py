import secrets

from odoo import api, fields, models

from ..const import BLOCKING_STATES, REF_ALPHABET, REF_LENGTH, USUAL_BLOCKED

STATES = [
    ("hold", "On hold"),
    ("confirmed", "Confirmed"),
    ("in_use", "In use"),
    ("completed", "Completed"),
    ("expired", "Expired"),
    ("cancelled", "Cancelled"),
    ("no_show", "No-show"),
]
SOURCES = [
    ("mini_program", "Mini-program"),
    ("h5", "Mobile web"),
    ("walk_in", "Walk-in"),
    ("platform", "Platform"),
    ("staff", "Staff"),
]


class TeahouseBooking(models.Model):
    """A stay in a room, from the hold to the review.

    Two blocking bookings of one room never overlap in blocked time: the exclusion
    constraint below is the wall, the room's lock in front of it keeps races short.
    """

    _name = "teahouse.booking"
    _description = "Booking"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "start desc, id desc"
    _rec_name = "ref"
    _check_company_auto = True

    ref = fields.Char(
        string="Reference",
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._new_ref(),
        help="Names the booking to its customer; cannot be guessed.",
    )
    room_id = fields.Many2one(
        "teahouse.room",
        required=True,
        index=False,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    store_id = fields.Many2one(
        related="room_id.store_id", store=True, precompute=True, index=False
    )
    company_id = fields.Many2one(
        related="room_id.company_id", store=True, precompute=True
    )
    tz = fields.Selection(related="store_id.tz")
    member_id = fields.Many2one(
        "teahouse.member", index=True, ondelete="restrict", tracking=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    kind = fields.Selection(
        [("timed", "Timed"), ("metered", "Metered")], default="timed", required=True
    )
    source = fields.Selection(SOURCES, default="staff", required=True)
    state = fields.Selection(
        STATES, default="hold", required=True, readonly=True, copy=False, tracking=True
    )
    start = fields.Datetime(required=True, tracking=True)
    end = fields.Datetime(required=True, tracking=True)
    blocked_from = fields.Datetime(
        required=True,
        readonly=True,
        copy=False,
        help="The room is kept from then: the start, or when guests moved in.",
    )
    blocked_until = fields.Datetime(
        required=True,
        readonly=True,
        copy=False,
        help="The room is kept until then: the end, what is being added, cleaning.",
    )
    paid_until = fields.Datetime(
        readonly=True, copy=False, help="Until when the stay is covered by its price."
    )
    hold_expires_at = fields.Datetime(readonly=True, copy=False)
    confirmed_at = fields.Datetime(readonly=True, copy=False)
    checked_in_at = fields.Datetime(string="Checked in", readonly=True, copy=False)
    ended_at = fields.Datetime(string="Left", readonly=True, copy=False)
    cancelled_at = fields.Datetime(readonly=True, copy=False)
    cancelled_by = fields.Selection(
        [("customer", "Customer"), ("store", "Store")], readonly=True, copy=False
    )
    cancel_reason = fields.Char(readonly=True, copy=False)
    reminded_at = fields.Datetime(readonly=True, copy=False)
    people = fields.Integer(default=1, required=True)
    note = fields.Text()
    duration = fields.Float(
        string="Hours",
        compute="_compute_duration",
        store=True,
        precompute=True,
        aggregator="sum",
    )
    policy_snapshot = fields.Json(
        readonly=True, copy=False, help="Cancellation policy when the booking was made."
    )
    participant_ids = fields.One2many("teahouse.participant", "booking_id", copy=False)
    cleaning_task_ids = fields.One2many(
        "teahouse.cleaning.task", "booking_id", copy=False
    )
    change_ids = fields.One2many("teahouse.booking.change", "booking_id", copy=False)
    review_ids = fields.One2many("teahouse.review", "booking_id", copy=False)
    shadow_of_id = fields.Many2one(
        "teahouse.booking",
        string="Keeps the room for",
        readonly=True,
        copy=False,
        ondelete="cascade",
        index="btree_not_null",
        help="Set on a row that only keeps a room for another booking: the room it "
        "moves to while that is unpaid, or the one it moved out of.",
    )

    _ref_unique = models.Constraint("UNIQUE(ref)", "The reference exists already.")
    _order_of_times = models.Constraint(
        """CHECK("end" > start AND blocked_from >= start
                 AND blocked_until > blocked_from)""",
        "A stay ends after it begins.",
    )
    # Bounds the look back of every search for what reaches into a window.
    _length_bounded = models.Constraint(
        "CHECK(blocked_until <= start + interval '96 hours')",
        "A stay is too long: at most three days.",
    )
    _hold_expires = models.Constraint(
        "CHECK(state <> 'hold' OR hold_expires_at IS NOT NULL)",
        "A hold needs an end.",
    )
    _no_double_booking = models.Constraint(
        """EXCLUDE USING gist (
               room_id WITH =, tsrange(blocked_from, blocked_until) WITH &&
           ) WHERE (state IN ('hold', 'confirmed', 'in_use', 'completed'))""",
        "The room is taken at that time.",
    )
    # They serve the bare columns, too.
    _room_start = models.Index("(room_id, start)")
    # With all that the search for a free room asks for: it reads no row at all.
    _store_start = models.Index(
        "(store_id, start) INCLUDE"
        " (room_id, blocked_from, blocked_until, state, hold_expires_at)"
    )
    # The same columns: without them the planner takes the large index for these, too.
    _store_start_long = models.Index(
        "(store_id, start) INCLUDE"
        " (room_id, blocked_from, blocked_until, state, hold_expires_at)"
        f" WHERE blocked_until > start + interval '{USUAL_BLOCKED}'"
    )
    _due_hold = models.Index("(hold_expires_at) WHERE state = 'hold'")
    _due_live = models.Index("(start) WHERE state IN ('confirmed', 'in_use')")

    @api.model
    def _new_ref(self):
        return "".join(secrets.choice(REF_ALPHABET) for _i in range(REF_LENGTH))

    @api.depends("member_id")
    def _compute_partner_id(self):
        for booking in self:
            partner = booking.member_id.sudo().partner_id
            booking.partner_id = partner or booking.partner_id

    @api.depends("start", "end")
    def _compute_duration(self):
        for booking in self:
            length = booking.end and booking.start and booking.end - booking.start
            booking.duration = length.total_seconds() / 3600 if length else 0

    @api.depends("ref", "room_id.name", "start")
    def _compute_display_name(self):
        for booking in self:
            if not (booking.start and booking.room_id):
                booking.display_name = booking.ref
                continue
            local = booking.store_id._local(booking.start)
            room = booking.room_id.name
            booking.display_name = f"{room} · {local:%m-%d %H:%M} · {booking.ref}"

    @api.ondelete(at_uninstall=False)
    def _unlink_only_dead(self):
        alive = self.filtered(lambda booking: booking.state != "expired")
        if alive and not self.env.su:
            self._refuse("invalid_state", self.env._("Cancel it instead."))

    def _is_blocking(self):
        """Tell whether the booking keeps its room."""
        self.ensure_one()
        return self.state in BLOCKING_STATES

    def _access_window(self):
        """Return from when and until when the door opens, as naive UTC instants.

        Early entry counts only once the room is free and clean, see
        :meth:`_entry_from`.
        """
        self.ensure_one()
        booking_sudo = self.sudo()
        grace = fields.Datetime.subtract(
            booking_sudo._last_end(),
            minutes=-booking_sudo.store_id.exit_grace_minutes,
        )
        return booking_sudo._entry_from(), grace

    def _last_end(self):
        """Return when use ends at the latest as things stand."""
        self.ensure_one()
        if self.state == "in_use":
            return max(self.end, self._use_ends_at())
        return self.ended_at or self.end

    def _entry_from(self):
        """Return the earliest entry: early only if the stay before is out and clean."""
        self.ensure_one()
        early = fields.Datetime.subtract(
            self.start, minutes=self.room_id.early_entry_minutes
        )
        before = self.search(
            [
                ("room_id", "=", self.room_id.id),
                ("id", "!=", self.id),
                ("state", "in", ("confirmed", "in_use", "completed")),
                ("start", "<", self.start),
                ("blocked_until", ">", early),
            ],
            order="start desc",
            limit=1,
        )
        if not before:
            return early
        if before.state != "completed":
            return self.start
        tasks = before.cleaning_task_ids
        if self.store_id.clean_before_entry and any(task._is_open() for task in tasks):
            return self.start
        return max(early, before.ended_at or before.end)

    def _set_state(self, state, allowed, vals=None):
        """Move these bookings to a state; those already there are skipped.

        :param allowed: states from which it may be reached
        :return: the bookings that moved
        :raise TeahouseError: invalid_state
        """
        moving = self.filtered(lambda booking: booking.state != state)
        for booking in moving:
            if booking.state not in allowed:
                booking._refuse_state()
        if moving:
            moving.sudo().write({"state": state, **(vals or {})})
            # Whoever waits for the same row must see a conflict here, not later.
            moving.flush_recordset()
        return moving
