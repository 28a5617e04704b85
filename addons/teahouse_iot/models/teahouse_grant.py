import secrets

from psycopg2.errors import ExclusionViolation

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..tools import db_now, epoch

PIN_DIGITS = 6
PIN_TRIES = 5
# Of a booking that lets people in; completed: the minutes to get out and back.
ENTRY_STATES = ("confirmed", "in_use", "completed")


class TeahouseGrant(models.Model):
    """The right of one person to open the doors of one room in one window."""

    _name = "teahouse.grant"
    _description = "Access grant"
    _inherit = ["field.encrypted.mixin"]
    _order = "valid_from desc, id desc"

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(
        [("booking", "Booking"), ("temporary", "Temporary")],
        default="temporary",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("active", "Active"), ("ended", "Ended"), ("revoked", "Revoked")],
        default="active",
        required=True,
        readonly=True,
        index=True,
    )
    store_id = fields.Many2one("teahouse.store", required=True, index=True)
    room_id = fields.Many2one(
        "teahouse.room", index=True, domain="[('store_id', '=', store_id)]"
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    booking_id = fields.Many2one(
        "teahouse.booking", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    participant_id = fields.Many2one(
        "teahouse.participant",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    member_id = fields.Many2one("teahouse.member", readonly=True, index=True)
    user_id = fields.Many2one("res.users", string="Employee")
    holder = fields.Char(help="Who gets it, when it is not an employee.")
    reason = fields.Char()
    valid_from = fields.Datetime(required=True, default=fields.Datetime.now)
    valid_to = fields.Datetime(required=True)
    revoked_at = fields.Datetime(readonly=True)
    pin = Encrypted(
        string="PIN",
        readonly=True,
        copy=False,
        groups="teahouse_base.teahouse_base_group_staff",
    )
    key_ids = fields.One2many("teahouse.grant.key", "grant_id", string="Locks")

    _window_valid = models.Constraint(
        "CHECK(valid_to > valid_from)", "A grant ends after it begins."
    )
    # A participant has one live grant; whoever asks twice gets the first.
    _one_per_participant = models.UniqueIndex(
        "(participant_id) WHERE state = 'active' AND participant_id IS NOT NULL",
        "This participant already has a grant.",
    )

    @api.depends("kind", "room_id", "store_id")
    def _compute_name(self):
        for grant in self:
            place = grant.room_id.name or grant.store_id.name or ""
            grant.name = f"{place} · {grant.id or ''}"

    @api.constrains("kind", "reason", "user_id", "holder")
    def _check_temporary(self):
        for grant in self:
            if grant.kind != "temporary":
                continue
            if not grant.reason or not (grant.user_id or grant.holder):
                raise ValidationError(
                    self.env._("A temporary grant names its holder and its reason.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        grants = super().create(vals_list)
        for grant_sudo in grants.sudo():
            grant_sudo._cut_keys()
            if grant_sudo.kind == "temporary":
                self.env["teahouse.audit"]._log(
                    "grant.create", grant_sudo, {"reason": grant_sudo.reason}
                )
        return grants

    # === KEYS === #

    def _locks(self):
        """Return the doors (sudo) whose keypad must know the grant's PIN."""
        self.ensure_one()
        kinds = ("lock", "gate", "keypad")
        if self.room_id:
            return self.room_id._devices(kinds)
        return (
            self.env["teahouse.device"]
            .sudo()
            .search(
                [
                    ("kind", "in", kinds),
                    ("store_id", "=", self.store_id.id),
                    ("room_id", "=", False),
                ]
            )
        )

    def _cut_keys(self):
        """Give the grant a PIN that is free on all its locks, and send it there."""
        self.ensure_one()
        locks, tried = self._locks(), set()
        while True:
            try:
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    return self._send_pin(locks, tried)
            except ExclusionViolation:
                # Somebody got this PIN a moment ago, which we are too early to see.
                if len(tried) == PIN_TRIES:
                    raise

    def _send_pin(self, locks, tried):
        """Choose the PIN and push it to the locks, and take it from all others.

        :param set tried: PINs that are taken; the chosen one is added
        """
        self._choose_pin(locks, tried)
        tried.add(self.pin)
        known = self.key_ids.filtered(lambda key: key.state != "removed")
        (known.filtered(lambda key: key.device_id not in locks))._withdraw()
        fresh = self.env["teahouse.grant.key"].create(
            [
                {"grant_id": self.id, "device_id": lock.id}
                for lock in locks - known.device_id
            ]
        )
        (fresh | known.filtered(lambda key: key.device_id in locks))._push()

    def _choose_pin(self, locks, tried=()):
        """Keep the participant's PIN unless another one of a lock has it too.

        :param tried: PINs that are taken, though nobody seems to have them
        """
        rivals = self.search(
            [
                ("id", "!=", self.id),
                ("state", "=", "active"),
                ("key_ids.device_id", "in", locks.ids),
                ("valid_from", "<", self.valid_to),
                ("valid_to", ">", self.valid_from),
            ]
        )
        taken = {*tried, *(grant.pin for grant in rivals)}
        pin = self.participant_id.pin or self.pin
        while not pin or pin in taken:
            pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
        if pin != self.pin:
            self.pin = pin
        if self.participant_id and self.participant_id.pin != pin:
            self.participant_id.pin = pin

    # === LIFE === #

    def _is_live(self, at=None):
        """Whether the grant opens doors at an instant (naive UTC, now without)."""
        self.ensure_one()
        at = at or db_now(self.env)
        return self.state == "active" and self.valid_from <= at < self.valid_to

    @api.model
    def _live(self, member, bookings):
        """Return the active grants (sudo) of a member on bookings."""
        return self.sudo().search_fetch(
            [
                ("member_id", "=", member.id),
                ("booking_id", "in", bookings.ids),
                ("state", "=", "active"),
            ]
        )

    def _booking_lives(self):
        """Whether the booking behind the grant, if any, lets people in."""
        self.ensure_one()
        return not self.booking_id or self.booking_id.state in ENTRY_STATES

    @api.model
    def _of_code(self, code, store):
        """Return the grant (sudo) that the content of a genuine code stands for.

        :param code: `Pass` of the booking's engine; it names a participant
        """
        return self.sudo().search(
            [
                ("participant_id", "=", code.grant),
                ("store_id", "=", store.id),
                ("state", "=", "active"),
            ],
            limit=1,
        )

    def _move(self, valid_from, valid_to, room=None):
        """Give active grants a new window (and room), and tell the locks."""
        for grant in self.filtered(lambda grant: grant.state == "active"):
            vals = {"valid_from": valid_from, "valid_to": valid_to}
            if room:
                vals["room_id"] = room.id
            unchanged = (grant.valid_from, grant.valid_to) == (valid_from, valid_to)
            if unchanged and grant.room_id == (room or grant.room_id):
                continue
            grant.write(vals)
            grant._cut_keys()

    def _revoke(self):
        """Take the right away: now where a device is reached, else when it is.

        Open commands of the grant close in this transaction; the claim looks at the
        grant again, so nothing new can be published after the commit.
        """
        active = self.filtered(lambda grant: grant.state == "active")
        if not active:
            return
        now = db_now(self.env)
        active.write({"state": "revoked", "revoked_at": now})
        self.env["teahouse.command"].sudo().search(
            [("grant_id", "in", active.ids), ("state", "in", ("queued", "sent"))]
        )._cancel_open("right_lost")
        for grant in active:
            grant.key_ids._withdraw()
            if grant.valid_to > now:
                grant._tell_readers()

    @api.model
    def _end_over(self, limit=500):
        """End the grants whose window is over, which frees their slots in the locks.

        Guests who stay over their time in a `run_on` store keep theirs.
        """
        over = self.sudo().search(
            [
                ("state", "=", "active"),
                ("valid_to", "<", db_now(self.env)),
                "|",
                ("booking_id", "=", False),
                ("booking_id.state", "!=", "in_use"),
            ],
            limit=limit,
        )
        over.write({"state": "ended"})
        over.key_ids._withdraw()

    def _tell_readers(self):
        """Readers decide alone when they are offline: they must know who is out."""
        place = self.room_id
        readers = place._devices(("reader",)) if place else self.env["teahouse.device"]
        readers._issue(
            "revoke",
            {"grant": self._code_id(), "until": epoch(self.valid_to)},
            expires_at=self.valid_to,
            source="access",
            grant_id=self.id,
            booking_id=self.booking_id.id,
        )

    def _code_id(self):
        """Return the number that stands for this grant in a code at a reader."""
        return self.participant_id.id or self.id

    def action_revoke(self):
        """Revoke by hand."""
        self.check_access("write")
        for grant in self:
            if grant.kind == "booking" and grant.booking_id.state in (
                "confirmed",
                "in_use",
            ):
                raise TeahouseError(
                    "invalid_state",
                    self.env._("Remove the participant or cancel the booking instead."),
                )
            self.env["teahouse.audit"]._log("grant.revoke", grant, None)
        self.sudo()._revoke()
