import logging
from contextlib import contextmanager
from datetime import timedelta

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL, mute_logger

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.locks import enter
from odoo.addons.teahouse_base.tools.timeutil import to_aware, to_utc_naive

from ..engine.rules import problems

_logger = logging.getLogger(__name__)

#: First key of the advisory locks on rooms; the room's id is the second.
ROOM_LOCK = 0x7EA


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    @api.model_create_multi
    def create(self, vals_list):
        rooms = self.env["teahouse.room"].browse(
            [vals["room_id"] for vals in vals_list if vals.get("room_id")]
        )
        self._lock_rooms(rooms.ids)
        self._expire_stale_holds(rooms)
        for vals in vals_list:
            self._complete(vals)
        with self._refusing_overlap():
            # That it was made is in the row itself; a message for it would take as long
            # as all the rest.
            quick = self.with_context(tracking_disable=True)
            bookings = super(TeahouseBooking, quick).create(vals_list)
        return bookings.with_env(self.env)

    @api.model
    def _complete(self, vals):
        """Fill in what follows from room, start and end."""
        room_sudo = self.env["teahouse.room"].sudo().browse(vals["room_id"])
        store_sudo = room_sudo.store_id
        start = fields.Datetime.to_datetime(vals["start"])
        end = fields.Datetime.to_datetime(vals["end"])
        turnover = timedelta(minutes=room_sudo.turnover_minutes)
        vals["start"] = start.replace(second=0, microsecond=0)
        vals["end"] = end.replace(second=0, microsecond=0)
        vals["blocked_from"] = vals["start"]
        vals["blocked_until"] = vals["end"] + turnover
        vals.setdefault("paid_until", vals["end"])
        vals.setdefault("policy_snapshot", store_sudo._policy_snapshot())
        if vals.get("state", "hold") == "hold":
            vals.setdefault(
                "hold_expires_at",
                fields.Datetime.now() + timedelta(minutes=store_sudo.hold_minutes),
            )

    @api.model
    def _lock_rooms(self, room_ids):
        """Let one transaction at a time change what stands in these rooms.

        In the order of their ids, so that two transactions never wait for each other.
        The constraint alone would turn a race into a chain of deadlocks.
        """
        for room_id in sorted(set(room_ids)):
            self.env.cr.execute(
                SQL("SELECT pg_advisory_xact_lock(%s, %s)", ROOM_LOCK, room_id)
            )

    @contextmanager
    def _refusing_overlap(self):
        """Context of a savepoint in which an overlap becomes ``slot_taken``.

        :raise TeahouseError: slot_taken
        """
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                yield
        except psycopg2.errors.ExclusionViolation as error:
            raise self._slot_taken() from error

    def _lock_stays(self):
        """Let one transaction at a time change these bookings: rooms, then rows.

        Rooms that a waiting change keeps are locked as well.
        """
        pending = self.change_ids.filtered(lambda change: change.state == "pending")
        self._lock_rooms([*self.room_id.ids, *pending.new_room_id.ids])
        self._lock_rows()

    @api.model
    def _expire_stale_holds(self, rooms):
        """Free what holds and changes of these rooms keep although they ran out.

        Their job may be late. Who holds the rooms' locks calls this. What somebody
        else touched in the meantime is left to the constraint.
        """
        now = fields.Datetime.now()
        bookings_sudo = self.sudo()
        if not self._any_stale(rooms, now):
            return
        try:
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                bookings_sudo.env["teahouse.booking.change"].search(
                    [
                        ("state", "=", "pending"),
                        ("expires_at", "<=", now),
                        ("booking_id.room_id", "in", rooms.ids),
                    ]
                )._release("expired")
                bookings_sudo.search(
                    [
                        ("room_id", "in", rooms.ids),
                        ("state", "=", "hold"),
                        ("hold_expires_at", "<=", now),
                    ]
                )._expire()
        except psycopg2.errors.SerializationFailure:
            _logger.info("Holds of rooms %s are being changed already", rooms.ids)

    @api.model
    def _any_stale(self, rooms, now):
        """Tell whether anything in these rooms has run out and still keeps them."""
        for model in (self, self.change_ids):
            model.flush_model()
        query = SQL(
            """
            SELECT EXISTS (SELECT 1 FROM teahouse_booking
                            WHERE room_id = ANY(%(rooms)s) AND state = 'hold'
                              AND hold_expires_at <= %(now)s)
                OR EXISTS (SELECT 1 FROM teahouse_booking_change c
                             JOIN teahouse_booking b ON b.id = c.booking_id
                            WHERE c.state = 'pending' AND c.expires_at <= %(now)s
                              AND b.room_id = ANY(%(rooms)s))
            """,
            rooms=rooms.ids,
            now=now,
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _check_bookable(self, room, start, end, people, waive=frozenset()):
        """Refuse what the room's rules forbid.

        :param start: naive UTC
        :param end: naive UTC
        :param waive: codes of rules that do not count, see :meth:`_waived`
        :raise TeahouseError: invalid_request with the fields, outside_window
        """
        room_sudo = room.sudo()
        shut = room_sudo.state != "open" or room_sudo.store_id.state != "open"
        if shut and "closed" not in waive:
            raise TeahouseError(
                "outside_window",
                room_sudo.store_id.state_reason
                or self.env._("This room takes no bookings at the moment."),
            )
        zone = room_sudo.store_id._zone()
        found = problems(
            room._rules(),
            to_aware(start, zone),
            to_aware(end, zone),
            to_aware(fields.Datetime.now(), zone),
            people,
        )
        found = [code for code in found if code not in waive]
        if found:
            errors = [self._problem_words(room_sudo, code) for code in found]
            raise TeahouseError("invalid_request", errors[0]["message"], errors)
        if "closed" not in waive:
            room._check_open_for(start, end)

    @api.model
    def _problem_words(self, room, code):
        """Return the field and the words for a code of the engine."""
        field, message = {
            "end_before_start": ("end", self.env._("The end lies after the start.")),
            "past": ("start", self.env._("This time has passed.")),
            "lead": (
                "start",
                self.env._("Please book %s minutes ahead.", room.lead_minutes),
            ),
            "horizon": (
                "start",
                self.env._("Bookable %s days ahead.", room._horizon_days()),
            ),
            "grid": (
                "start",
                self.env._("Starts lie on steps of %s minutes.", room.slot_minutes),
            ),
            "short": (
                "end",
                self.env._("The shortest stay is %s minutes.", room.min_minutes),
            ),
            "long": (
                "end",
                self.env._("The longest stay is %s minutes.", room.max_minutes),
            ),
            "people": (
                "people",
                self.env._("The room holds up to %s people.", room.capacity),
            ),
        }[code]
        return {"field": field, "message": message}

    @api.model
    def _api_admit(self, body):
        """Refuse a time that is taken before anything is paid for it.

        Of many who want one room at one moment, one waits for a price, a booking and
        its answer; all others only ever ask this. Nothing may have been written in
        the transaction: who had to wait for the room begins anew, to see what came
        of it. What this lets pass, the constraint judges.

        :raise TeahouseError: slot_taken
        """
        if body.end is None or body.end <= body.start:
            return
        enter(self.env, ROOM_LOCK, body.room_id)
        taken = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (
                  SELECT 1
                    FROM teahouse_room r
                    JOIN teahouse_booking b ON b.room_id = r.id
                   WHERE r.id = %(room)s
                     AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')
                     AND (b.state <> 'hold' OR b.hold_expires_at > %(now)s)
                     AND tsrange(b.blocked_from, b.blocked_until) && tsrange(
                           %(start)s,
                           %(end)s + r.turnover_minutes * interval '1 min')
                )
                """,
                room=body.room_id,
                now=fields.Datetime.now(),
                start=to_utc_naive(body.start).replace(second=0, microsecond=0),
                end=to_utc_naive(body.end).replace(second=0, microsecond=0),
            )
        )[0][0]
        if taken:
            raise self._slot_taken()

    @api.model
    def _slot_taken(self):
        message = self.env._("Somebody else has just taken this time.")
        return TeahouseError("slot_taken", message)

    @api.model
    def _api_create(self, body):
        """Make a booking for the member who asks.

        :param body: room_id, start, end, people, note and what upper addons add
        :raise TeahouseError: slot_taken, invalid_request, outside_window, forbidden
        :return: the values of the booking
        """
        member_sudo = self.env["teahouse.member"]._current()
        room_sudo = self.env["teahouse.room"]._api_find(body.room_id)
        member_sudo._check_can_book(room_sudo.store_id)
        vals = self.sudo()._prepare_create(member_sudo, room_sudo, body)
        booking_sudo = self.sudo().create([vals])
        booking_sudo._on_held()
        if not booking_sudo._confirm_requirements():
            # Confirmed as it is made: no change to tell.
            booking_sudo.with_context(mail_notrack=True)._try_confirm()
        return booking_sudo._api_values()

    @api.model
    def _prepare_create(self, member, room, body):
        """Return the values of a new booking, checked. Upper addons add to them."""
        start, end = self._api_times(room, body)
        self._check_bookable(room, start, end, body.people)
        self._check_open_holds(member, room.store_id)
        return {
            "room_id": room.id,
            "member_id": member.id,
            "start": start,
            "end": end,
            "people": body.people,
            "note": body.note or False,
            "source": body.source,
            "participant_ids": [
                fields.Command.create({"member_id": member.id, "role": "booker"})
            ],
        }

    @api.model
    def _api_times(self, room, body):
        """Return start and end of a request, cut to the minute; naive UTC."""
        start = to_utc_naive(body.start).replace(second=0, microsecond=0)
        return start, to_utc_naive(body.end).replace(second=0, microsecond=0)
