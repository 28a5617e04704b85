"""Fixtures of bookings for the tests of this addon and of those above."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo import fields

from odoo.addons.teahouse_base.tests.common import TeahouseCommon, TeahouseHttpCommon

#: Hooks on which upper addons stand.
HOOKS = {
    "teahouse.booking": (
        "_confirm_requirements",
        "_prepare_create",
        "_api_times",
        "_on_held",
        "_on_confirmed",
        "_on_checked_in",
        "_on_extended",
        "_on_room_changed",
        "_on_rescheduled",
        "_on_transferred",
        "_on_use_ended",
        "_on_cancelled",
        "_on_expired",
        "_on_no_show",
        "_on_participants_added",
        "_on_participants_removed",
        "_pass_number",
    ),
    "teahouse.booking.change": ("_requirements", "_on_requested", "_on_released"),
    "teahouse.room": ("_horizon_days", "_rules"),
    "teahouse.cleaning.task": ("_on_finished",),
}


def without_upper_addons(case, registry):
    """Have the hooks do what this addon alone does, whatever else is installed."""
    for model, hooks in HOOKS.items():
        cls = registry[model]
        for hook in hooks:
            own = next(
                vars(base)[hook]
                for base in cls.__mro__
                if base.__module__.startswith("odoo.addons.teahouse_booking.")
                and hook in vars(base)
            )
            patcher = patch.object(cls, hook, own)
            patcher.start()
            case.addCleanup(patcher.stop)


class BookingCommon(TeahouseCommon):
    """Rooms with 15 minutes of turnover, and stays that are easily made."""

    def setUp(self):
        super().setUp()
        without_upper_addons(self, self.registry)

    @classmethod
    def at(cls, hour=14, minute=0, days=1):
        """Return an instant of a day from today, naive UTC."""
        today = fields.Datetime.now().replace(hour=0, minute=0, second=0, microsecond=0)
        return today + timedelta(days=days, hours=hour, minutes=minute)

    def count_queries(self, step):
        """Return how many statements a step takes with nothing in the caches."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        step()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    @classmethod
    def make_booking(cls, start=None, minutes=120, room=None, member=None, **values):
        """Create a stay, by default on hold and tomorrow at 14:00 UTC."""
        member = cls.member if member is None else member
        start = start or cls.at()
        end = values.pop("end", start + timedelta(minutes=minutes))
        booking = cls.env["teahouse.booking"].create(
            {
                "room_id": (room or cls.room).id,
                "member_id": member.id,
                "start": start,
                "end": end,
                "people": 2,
                **values,
            }
        )
        if member:
            cls.env["teahouse.participant"].create(
                {"booking_id": booking.id, "member_id": member.id, "role": "booker"}
            )
        return booking

    @classmethod
    def make_confirmed(cls, *args, **kwargs):
        """Create a stay that is confirmed, whatever upper addons ask for."""
        booking = cls.make_booking(*args, **kwargs)
        booking.action_confirm()
        return booking

    @classmethod
    def make_in_use(cls, started=30, minutes=120, **kwargs):
        """Create a stay whose guests came in at its start, some minutes ago."""
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        start = now - timedelta(minutes=started)
        booking = cls.make_confirmed(start=start, minutes=minutes, **kwargs)
        booking._check_in("staff", at=start)
        return booking

    @classmethod
    def free(cls, room=None, since=None, until=None):
        """Return the free intervals of a room, by default of tomorrow (UTC)."""
        room = room or cls.room
        since = since or cls.at(0)
        until = until or cls.at(0, days=2)
        return room._free_intervals(since, until)[room.id]


class BookingHttpCommon(BookingCommon, TeahouseHttpCommon):
    """The same over HTTP."""

    _keys = 0

    @classmethod
    def iso(cls, instant):
        """Return naive UTC as the API takes it."""
        return f"{instant:%Y-%m-%dT%H:%M:%S}+00:00"

    def post(self, path, body=None, member=None, status=None, key=None):
        """POST with a fresh idempotency key; return the JSON of the answer."""
        BookingHttpCommon._keys += 1
        key = key or f"test-{self.id()[-20:]}-{self._keys}"
        answer = self.api(
            "POST",
            path,
            {} if body is None else body,
            member=member or self.member,
            headers={"Idempotency-Key": key},
        )
        if status:
            self.assertEqual(answer.status_code, status, answer.text)
        return answer.json() if answer.content else None

    def get(self, path, member=None, status=200):
        """GET; return the JSON of the answer."""
        answer = self.api("GET", path, member=member)
        self.assertEqual(answer.status_code, status, answer.text)
        return answer.json()

    def slot(self, start=None, minutes=120, room=None, **more):
        """Return the body of a booking."""
        start = start or self.at()
        return {
            "room_id": (room or self.room).id,
            "start": self.iso(start),
            "end": self.iso(start + timedelta(minutes=minutes)),
            "people": 2,
            **more,
        }


def utc(text):
    """Return ``2026-12-01 14:00`` as naive UTC."""
    return datetime.fromisoformat(text)
