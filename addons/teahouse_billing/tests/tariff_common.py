"""Fixtures of the tests about tariffs: tariff T of the worked examples."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from odoo import Command, fields

from odoo.addons.teahouse_base.tests.common import TeahouseCommon
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

SHANGHAI = ZoneInfo("Asia/Shanghai")
BANDS = ((8, 18, 38), (18, 24, 58), (0, 8, 28))


class TariffCommon(TeahouseCommon):
    """A room with tariff T, and a day to come on which nothing special is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["teahouse.tariff"].search(
            [("company_id", "=", cls.company.id)]
        ).active = False
        cls.tariff = cls.make_hours()
        cls.day = cls._next_tuesday()

    @classmethod
    def _next_tuesday(cls):
        today = fields.Datetime.now().astimezone(SHANGHAI).date()
        ahead = (1 - today.weekday()) % 7 or 7
        return today + timedelta(days=ahead + 7)

    @classmethod
    def make_hours(cls, bands=BANDS, **values):
        """Create an hourly tariff of bands (from hour, to hour, price)."""
        return cls.env["teahouse.tariff"].create(
            {
                "name": "Hours",
                "kind": "hourly",
                "band_ids": [
                    Command.create(
                        {"time_from": start, "time_to": end, "price_hour": price}
                    )
                    for start, end, price in bands
                ],
                **values,
            }
        )

    @classmethod
    def make_package(cls, **values):
        return cls.env["teahouse.tariff"].create(
            {
                "name": "Four hours",
                "kind": "package",
                "price": 128,
                "duration_minutes": 240,
                "window_from": 8,
                "window_to": 14,
                **values,
            }
        )

    @classmethod
    def make_session(cls, **values):
        return cls.env["teahouse.tariff"].create(
            {
                "name": "Night",
                "kind": "session",
                "price": 168,
                "window_from": 22,
                "window_to": 8,
                **values,
            }
        )

    @classmethod
    def aware(cls, clock, day=None):
        """Return an instant on the store's clock; ``+`` marks the day after."""
        hour, minute = clock.lstrip("+").split(":")
        day = (day or cls.day) + timedelta(days=clock.count("+"))
        return datetime(
            day.year, day.month, day.day, int(hour), int(minute), tzinfo=SHANGHAI
        )

    @classmethod
    def at(cls, clock, day=None):
        """Return the same as Odoo stores it."""
        return to_utc_naive(cls.aware(clock, day))

    def quote(self, start, end, room=None, member=None, at=None):
        return self.env["teahouse.tariff"]._quote(
            room or self.room, self.at(start), self.at(end), member, at
        )

    def amounts(self, start, end, **kwargs):
        return [str(offer.amount) for offer in self.quote(start, end, **kwargs)]

    def body(self, start, end, room=None, **values):
        """Return what POST /bookings hands to the model."""
        return SimpleNamespace(
            **{
                "room_id": (room or self.room).id,
                "start": self.aware(start),
                "end": end and self.aware(end),
                "people": 2,
                "note": None,
                "source": "h5",
                "offer": None,
                "kind": "timed",
                **values,
            }
        )

    def book(self, start, end, member=None, **values):
        """Book as a member does; return the booking (sudo)."""
        bookings = self.as_member("teahouse.booking", member)
        answer = bookings._api_create(self.body(start, end, **values))
        return self.env["teahouse.booking"].search([("ref", "=", answer["ref"])])

    @classmethod
    def make_holiday(cls, day, kind="holiday"):
        return cls.env["teahouse.holiday"].create(
            {"date": day or date(2026, 1, 1), "kind": kind, "name": "Day"}
        )
