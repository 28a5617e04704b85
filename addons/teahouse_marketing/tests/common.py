"""Fixtures: tiers, coupons, and members who spend."""

import uuid
from datetime import timedelta

from odoo import fields

from odoo.addons.teahouse_base.tests.common import TeahouseCommon
from odoo.addons.teahouse_billing.tests.money_common import MoneyHttpCommon
from odoo.addons.teahouse_billing.tests.tariff_common import TariffCommon


class MarketingCommon(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Tiers of demo data would be reached too.
        cls.env["teahouse.tier"].search([]).active = False
        cls.env.flush_all()
        cls.tier_green, cls.tier_oolong = cls.env["teahouse.tier"].create(
            [
                {"name": "Green", "growth_from": 100, "discount_percent": 2},
                {
                    "name": "Oolong",
                    "growth_from": 1000,
                    "discount_percent": 5,
                    "extra_horizon_days": 10,
                },
            ]
        )

    @classmethod
    def make_program(cls, **values):
        """Create a coupon program; ten off by default."""
        return cls.env["loyalty.program"].create(
            {"name": "Ten off", "teahouse_coupon": True, "coupon_value": 10, **values}
        )

    @classmethod
    def give(cls, program=None, member=None, **values):
        """Give a member a coupon, of a new program by default."""
        program = program or cls.make_program(**values)
        return cls.env["loyalty.card"]._issue(program, member or cls.member)

    @classmethod
    def give_points(cls, points, member=None):
        """Give a member points."""
        member = member or cls.member
        card = member._points_card(create=True)
        card._teahouse_move(points, "gift", member)
        return card


class StayCommon(MarketingCommon, TariffCommon, MoneyHttpCommon):
    """Stays over HTTP at tariff T: 14:00-16:00 costs 76.00."""

    def setUp(self):
        super().setUp()
        self.token = self.make_token(self.member)

    def call(self, method, path, body=None, status=None, member=None):
        """Call the API as a member and return the answer."""
        headers = {"Idempotency-Key": uuid.uuid4().hex} if method == "POST" else {}
        if method == "POST" and body is None:
            body = {}
        token = self.make_token(member) if member else self.token
        response = self.api(method, path, body, token=token, headers=headers)
        if status:
            self.assertEqual(response.status_code, status, response.text)
        self.env.invalidate_all()
        return response.json()

    def times(self, start="14:00", end="16:00", room=None):
        return {
            "room_id": (room or self.room).id,
            "start": self.aware(start).isoformat(),
            "end": self.aware(end).isoformat(),
        }

    def quote_api(self, start="14:00", end="16:00", status=200, **values):
        """Return the cheapest offer."""
        body = {**self.times(start, end), **values}
        answer = self.call("POST", "/quotes", body, status)
        return answer["offers"][0] if status == 200 else answer

    def book_api(self, start="14:00", end="16:00", status=201, room=None, **values):
        body = {**self.times(start, end, room), **values}
        return self.call("POST", "/bookings", body, status)

    def discounts(self, ref, coupons=(), points=0, status=200, member=None):
        body = {"coupon_ids": [card.id for card in coupons], "points": points}
        path = f"/bookings/{ref}/discounts"
        return self.call("PUT", path, body, status, member)

    def pay(self, ref, method="demo", status=200):
        body = {"method": method, "scene": "mini_program"}
        return self.call("POST", f"/bookings/{ref}/payments", body, status)

    def record(self, values):
        return self.env["teahouse.booking"].search([("ref", "=", values["ref"])])

    def finish(self, booking):
        """Let the stay be over and settled."""
        booking.write({"state": "completed", "ended_at": booking.end})
        booking._on_use_ended()
        self.assertFalse(booking.settle_error)

    def lapse(self, booking):
        """Let the hold run out."""
        booking.hold_expires_at = fields.Datetime.now() - timedelta(minutes=1)
        booking._expire_due()
