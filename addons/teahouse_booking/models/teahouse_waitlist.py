import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools import mute_logger

from odoo.addons.teahouse_base.api.schema import for_modules
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso, to_utc_naive

from ..api.schemas import BookingCreate

_logger = logging.getLogger(__name__)

#: How many waiting members one run of the job looks at.
BATCH = 200
#: How many wishes a member may have at once.
MOST = 10


class TeahouseWaitlist(models.Model):
    """A wish for a time that is taken. Who waits longest is offered it first.

    An offer keeps the room by a hold without a customer; accepting it books in the
    ordinary way, in the same transaction in which that hold ends.
    """

    _name = "teahouse.waitlist"
    _description = "Waiting list"
    _order = "id"
    _check_company_auto = True

    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True, readonly=True
    )
    store_id = fields.Many2one(
        "teahouse.store", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    room_id = fields.Many2one(
        "teahouse.room",
        check_company=True,
        ondelete="cascade",
        readonly=True,
        help="Empty: any room of the store.",
    )
    start = fields.Datetime(required=True, readonly=True)
    end = fields.Datetime(required=True, readonly=True)
    people = fields.Integer(default=1, required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("offered", "Offered"),
            ("accepted", "Accepted"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        default="waiting",
        required=True,
        readonly=True,
    )
    hold_id = fields.Many2one(
        "teahouse.booking",
        string="Kept by",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    offer_expires_at = fields.Datetime(related="hold_id.hold_expires_at")
    booking_id = fields.Many2one(
        "teahouse.booking", readonly=True, ondelete="set null", index="btree_not_null"
    )

    _order_of_times = models.Constraint(
        'CHECK("end" > start)', "A stay ends after it begins."
    )
    _waiting = models.Index("(store_id, start) WHERE state = 'waiting'")

    @api.depends("member_id", "start")
    def _compute_display_name(self):
        for wish in self:
            local = wish.store_id._local(wish.start) if wish.start else None
            name = wish.member_id.sudo().name
            wish.display_name = f"{name} · {local:%m-%d %H:%M}" if local else name

    # === API === #

    @api.model
    def _api_create(self, body):
        """Put the calling member in line.

        :raise TeahouseError: invalid_request, forbidden, not_found
        """
        member_sudo = self.env["teahouse.member"]._current()
        rooms = self.env["teahouse.room"]
        if body.room_id:
            room_sudo = rooms._api_find(body.room_id)
            rooms_sudo, store_sudo = room_sudo, room_sudo.store_id
        else:
            room_sudo = rooms
            store_sudo = self.env["teahouse.store"]._api_find(body.store_id)
            rooms_sudo = store_sudo.room_ids
        member_sudo._check_can_book(store_sudo)
        if not store_sudo.use_waitlist:
            raise TeahouseError(
                "invalid_state", self.env._("This store keeps no waiting list.")
            )
        vals = {
            "member_id": member_sudo.id,
            "store_id": store_sudo.id,
            "room_id": room_sudo.id,
            "start": to_utc_naive(body.start).replace(second=0, microsecond=0),
            "end": to_utc_naive(body.end).replace(second=0, microsecond=0),
            "people": body.people,
        }
        self._check_possible(rooms_sudo, vals)
        own = [("member_id", "=", member_sudo.id), ("state", "in", self._open_states())]
        if self.sudo().search_count(own) >= MOST:
            raise TeahouseError(
                "invalid_state", self.env._("You wait for enough already.")
            )
        wish_sudo = self.sudo().create(vals)
        self.env.ref("teahouse_booking.ir_cron_due").sudo()._trigger()
        return wish_sudo._api_values()

    @api.model
    def _check_possible(self, rooms, vals):
        """Refuse a wish that no room could ever serve, for the reason of the last."""
        refusal = TeahouseError("not_found", self.env._("There is no such room."))
        for room in rooms:
            try:
                self.env["teahouse.booking"]._check_bookable(
                    room, vals["start"], vals["end"], vals["people"]
                )
                return
            except TeahouseError as error:
                refusal = error
        raise refusal

    @api.model
    def _api_list(self):
        """Return the wishes of the calling member that are still open."""
        member_sudo = self.env["teahouse.member"]._current()
        wishes_sudo = self.sudo().search(
            [("member_id", "=", member_sudo.id), ("state", "in", self._open_states())]
        )
        return {"items": [wish_sudo._api_values() for wish_sudo in wishes_sudo]}

    @api.model
    def _api_find(self, wish_id):
        """Return a wish (sudo) of the calling member.

        :raise TeahouseError: not_found
        """
        member_sudo = self.env["teahouse.member"]._current()
        wish_sudo = self.sudo().search(
            [("id", "=", wish_id), ("member_id", "=", member_sudo.id)]
        )
        if not wish_sudo or not member_sudo:
            raise TeahouseError("not_found", self.env._("There is no such wish."))
        return wish_sudo

    @api.model
    def _api_accept(self, wish_id):
        """Book what was offered.

        :raise TeahouseError: invalid_state, without an offer or after its deadline
        :return: the values of the booking
        """
        wish_sudo = self._api_find(wish_id)
        hold_sudo = wish_sudo.hold_id
        if hold_sudo:
            hold_sudo._lock_stays()
        if wish_sudo.state != "offered" or hold_sudo.state != "hold":
            raise TeahouseError("invalid_state", self.env._("There is no offer now."))
        if hold_sudo.hold_expires_at <= fields.Datetime.now():
            raise TeahouseError("invalid_state", self.env._("The offer has run out."))
        schema = for_modules(BookingCreate, self.env.registry._init_modules)
        zone = wish_sudo.store_id._zone()
        wanted = schema(
            room_id=hold_sudo.room_id.id,
            start=iso(wish_sudo.start, zone),
            end=iso(wish_sudo.end, zone),
            people=wish_sudo.people,
        )
        wish_sudo.state = "accepted"
        hold_sudo._set_state("expired", ("hold",))
        values = self.env["teahouse.booking"]._api_create(wanted)
        wish_sudo.booking_id = wish_sudo.booking_id.search(
            [("ref", "=", values["ref"])]
        )
        return values

    def _api_cancel(self, wish_id):
        """Leave the line; what is kept goes to the next."""
        wish_sudo = self._api_find(wish_id)
        if wish_sudo.state in self._open_states():
            wish_sudo._close("cancelled")

    def _api_values(self):
        self.ensure_one()
        zone = self.store_id._zone()
        offered = self.state == "offered"
        return {
            "id": self.id,
            "state": self.state,
            "store": {"id": self.store_id.id, "name": self.store_id.name},
            "room_id": self.room_id.id or None,
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "people": self.people,
            "offered_room": (
                {"id": self.hold_id.room_id.id, "name": self.hold_id.room_id.name}
                if offered
                else None
            ),
            "offer_expires_at": iso(self.offer_expires_at, zone) if offered else None,
        }

    # === STEPS === #

    @api.model
    def _open_states(self):
        return ("waiting", "offered")

    def _close(self, state):
        """End wishes, and give back what is kept for them."""
        for wish in self:
            wish.state = state
            hold = wish.hold_id
            if hold:
                hold._lock_stays()
            if hold.state == "hold":
                hold._expire()

    @api.model
    def _due(self):
        """Return open wishes, who came first being first; late ones are closed."""
        now = fields.Datetime.now()
        self.search([("state", "=", "waiting"), ("start", "<=", now)])._close("expired")
        return self.search([("state", "=", "waiting")], limit=BATCH)

    def _try_offer(self):
        """Offer what is free; a wish that its member changes right now comes later."""
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                return self._offer()
        except psycopg2.OperationalError as error:
            _logger.info("Wish %s put off: %s", self.id, error)
            return False

    def _offer(self):
        """Keep a room for the member if one is free by now.

        :return: whether there was one
        """
        self.ensure_one()
        rooms = self.room_id or self.store_id.room_ids
        free = rooms._free_intervals(self.start, self.end)
        bookings = self.env["teahouse.booking"]
        for room in rooms:
            fits = any(a <= self.start and self.end <= b for a, b in free[room.id])
            if not fits:
                continue
            try:
                bookings._check_bookable(room, self.start, self.end, self.people)
                hold = bookings.create(
                    {
                        "room_id": room.id,
                        "start": self.start,
                        "end": self.end,
                        "people": self.people,
                        "source": "h5",
                        "note": self.env._("Kept for the waiting list"),
                    }
                )
            except TeahouseError:
                continue
            self.write({"state": "offered", "hold_id": hold.id})
            self._notify_offer(hold)
            return True
        return False

    def _notify_offer(self, hold):
        local = self.store_id._local
        self.env["teahouse.notification"].sudo()._notify(
            self.member_id,
            "waitlist_offer",
            {
                "store": self.store_id.name,
                "room": hold.room_id.name,
                "start": f"{local(self.start):%Y-%m-%d %H:%M}",
                "until": f"{local(hold.hold_expires_at):%H:%M}",
            },
            event_key=f"waitlist_offer:{self.id}",
        )

    def action_cancel(self):
        """Take members from the line at the counter."""
        self.check_access("write")
        self.sudo()._close("cancelled")


class TeahouseBooking(models.Model):
    """Times that become free are offered to those who wait."""

    _inherit = "teahouse.booking"

    def _call_waitlist(self):
        """Have the job look at the waiting list if somebody waits for these times."""
        for booking in self.sudo():
            waiting = (
                self.env["teahouse.waitlist"]
                .sudo()
                .search_count(
                    [
                        ("store_id", "=", booking.store_id.id),
                        ("state", "=", "waiting"),
                        ("start", "<", booking.blocked_until),
                        ("end", ">", booking.start),
                    ],
                    limit=1,
                )
            )
            if waiting:
                self.env.ref("teahouse_booking.ir_cron_due").sudo()._trigger()
                return

    def _on_cancelled(self, by):
        result = super()._on_cancelled(by)
        self._call_waitlist()
        return result

    def _on_no_show(self):
        result = super()._on_no_show()
        self._call_waitlist()
        return result

    def _on_use_ended(self):
        result = super()._on_use_ended()
        self._call_waitlist()
        return result

    def _on_room_changed(self, old_room):
        result = super()._on_room_changed(old_room)
        self._call_waitlist()
        return result

    def _on_expired(self):
        result = super()._on_expired()
        offers_sudo = (
            self.env["teahouse.waitlist"]
            .sudo()
            .search([("hold_id", "in", self.ids), ("state", "=", "offered")])
        )
        offers_sudo.state = "expired"
        self._call_waitlist()
        return result

    @api.model
    def _run_due(self):
        result = super()._run_due()
        for wish in self.env["teahouse.waitlist"]._due():
            if wish._try_offer() and not self.env["ir.cron"]._commit_progress(1):
                break
        return result
