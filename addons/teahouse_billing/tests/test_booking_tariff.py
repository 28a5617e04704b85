from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .tariff_common import TariffCommon


@tagged("post_install", "-at_install")
class TestBookingPrice(TariffCommon):
    def lines(self, booking, *kinds):
        return [
            (line.kind, line.amount)
            for line in booking.charge_line_ids
            if line.state == "open" and (not kinds or line.kind in kinds)
        ]

    def test_cheapest_is_charged(self):
        package = self.make_package()
        booking = self.book("10:00", "15:00")
        self.assertEqual(self.lines(booking), [("base", 128), ("base", 38)])
        self.assertEqual(booking.amount_due, 166)
        self.assertEqual(booking.state, "hold")
        self.assertEqual(booking.tariff_id, package)

    def test_paid_until_follows_the_offer(self):
        self.make_session()
        booking = self.book("22:00", "+06:00")
        self.assertEqual(booking.paid_until, self.at("+08:00"))
        self.assertEqual(booking.end, self.at("+06:00"))
        self.assertEqual(booking.blocked_until, self.at("+06:15"))

    def test_no_price_no_booking(self):
        self.tariff.band_ids[0].unlink()
        with self.assert_code("no_tariff"):
            self.book("14:00", "16:00")

    def test_free_as_long_as_no_price_was_set_up(self):
        self.tariff.unlink()
        booking = self.book("14:00", "16:00")
        self.assertFalse(booking.charge_line_ids)
        self.assertEqual(booking.state, "confirmed")

    def test_member_price_is_a_line_of_its_own(self):
        tariff_class = type(self.env["teahouse.tariff"])
        with patch.object(
            tariff_class, "_member_discount", lambda *_args: Decimal("3.80")
        ):
            booking = self.book("14:00", "16:00")
        self.assertEqual(self.lines(booking), [("base", 76), ("discount", -3.8)])
        self.assertEqual(booking.amount_due, 72.2)

    def test_booking_of_the_counter_is_priced(self):
        values = {
            "room_id": self.room.id,
            "start": self.at("14:00"),
            "end": self.at("16:00"),
        }
        booking = self.env["teahouse.booking"].create(values)
        self.assertEqual(booking.amount_total, 76)
        self.tariff.active = False
        values["room_id"] = self.room_2.id
        booking = self.env["teahouse.booking"].create(values)
        self.assertFalse(booking.charge_line_ids)

    def test_extension_costs_the_difference(self):
        booking = self.book("14:00", "16:00")
        offer = booking._extension_offer(self.at("16:30"))
        self.assertEqual(offer["amount"], 19)
        self.assertEqual(offer["paid_until"], self.at("16:30"))
        self.assertEqual(offer["minutes"], 30)

    def test_extension_by_the_prices_of_the_booking(self):
        booking = self.book("14:00", "16:00")
        self.tariff.band_ids.price_hour = 1000
        self.make_holiday(self.day)
        self.assertEqual(booking._extension_offer(self.at("16:30"))["amount"], 19)

    def test_extension_into_a_package_may_cost_nothing(self):
        self.make_package(price=76)
        booking = self.book("10:00", "12:00")
        offer = booking._extension_offer(self.at("14:00"))
        self.assertEqual(offer["amount"], 0)
        self.assertEqual(offer["paid_until"], self.at("14:00"))

    def test_extension_without_a_price(self):
        booking = self.book("14:00", "16:00")
        snapshot = dict(booking.tariff_snapshot)
        snapshot["hourly"]["bands"] = snapshot["hourly"]["bands"][:1]
        booking.tariff_snapshot = snapshot
        with self.assert_code("no_tariff"):
            booking._extension_offer(self.at("19:00"))

    def test_room_change(self):
        booking = self.book("14:00", "16:00")
        self.assertEqual(booking._room_change_amount(self.room_2), 0)
        dear = self.make_hours(bands=[(0, 24, 60)], room_ids=self.room_2.ids)
        self.assertEqual(booking._room_change_amount(self.room_2), 44)
        # Sold only after the booking was made.
        dear.valid_from = booking.create_date + timedelta(hours=1)
        self.assertEqual(booking._room_change_amount(self.room_2), 0)

    def test_room_change_on_the_way(self):
        booking = self.book("14:00", "18:00")
        self.make_hours(bands=[(0, 24, 60)], room_ids=self.room_2.ids)
        with freeze_time(self.at("16:00")):
            self.assertEqual(booking._room_change_amount(self.room_2), 44)


@tagged("post_install", "-at_install")
class TestMetered(TariffCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.metered = cls.env["teahouse.tariff"].create(
            {"name": "Open door", "kind": "metered", "deposit": 100}
        )

    def open_now(self, clock="14:07", **values):
        with freeze_time(self.at(clock)):
            return self.book(clock, None, kind="metered", **values)

    def test_deposit_first(self):
        booking = self.open_now()
        self.assertEqual(booking.kind, "metered")
        self.assertEqual(booking.start, self.at("14:07"))
        self.assertEqual(booking.end, self.at("+14:07"))
        self.assertEqual(booking.charge_line_ids.mapped("kind"), ["deposit"])
        self.assertEqual(booking.amount_due, 100)

    def test_kept_until_the_next_booking(self):
        self.book("18:00", "20:00", member=self.member_2).action_confirm()
        with freeze_time(self.at("14:07")):
            booking = self.book("14:07", None, kind="metered")
        self.assertEqual(booking.end, self.at("17:45"))

    def test_only_now_and_only_when_free(self):
        with freeze_time(self.at("14:07")), self.assert_code("invalid_request"):
            self.book("16:00", None, kind="metered")
        with freeze_time(self.at("14:07")), self.assert_code("invalid_request"):
            self.book("14:07", "16:00", kind="metered")
        self.book("14:00", "16:00").action_confirm()
        with freeze_time(self.at("14:07")), self.assert_code("slot_taken"):
            self.book("14:07", None, kind="metered", member=self.member_2)

    def test_real_length_is_billed(self):
        booking = self.open_now()
        self.tariff.band_ids.price_hour = 1000
        with freeze_time(self.at("15:30")):
            booking.write(
                {
                    "state": "completed",
                    "checked_in_at": self.at("14:08"),
                    "ended_at": self.at("15:30"),
                }
            )
            booking._charge_real_use()
        base = booking.charge_line_ids.filtered(lambda line: line.kind == "base")
        self.assertEqual(sum(base.mapped("amount")), 57)

    def test_own_bands(self):
        self.metered.write({"band_ids": [(0, 0, {"price_hour": 60})]})
        booking = self.open_now()
        booking.write({"state": "completed", "ended_at": self.at("14:30")})
        booking._charge_real_use()
        base = booking.charge_line_ids.filtered(lambda line: line.kind == "base")
        self.assertEqual(base.mapped("amount"), [60])

    def test_key_of_a_metered_offer(self):
        tariffs = self.env["teahouse.tariff"]
        with freeze_time(self.at("14:07")):
            at = fields.Datetime.now()
            offer = tariffs._quote(self.room, at, None)[0]
            key = tariffs._offer_key(offer, self.room, at, None, at)
        with freeze_time(self.at("14:09")):
            booking = self.book("14:09", None, kind="metered", offer=key)
        self.assertEqual(booking.amount_due, 100)
        with freeze_time(self.at("14:09")), self.assert_code("offer_expired"):
            self.book("20:00", "21:00", offer=key, member=self.member_2)


@tagged("post_install", "-at_install")
class TestOvertime(TariffCommon):
    def overstay(self, left, **values):
        booking = self.book("16:00", "18:00")
        self.store.write({"at_end": "run_on", **values})
        booking.write({"state": "completed", "ended_at": self.at(left)})
        booking._charge_real_use()
        return booking.charge_line_ids.filtered(lambda line: line.kind == "overtime")

    def test_worked_example(self):
        lines = self.overstay("18:37")
        self.assertEqual(lines.mapped("amount"), [65.25])
        self.assertEqual(lines.minutes, 45)
        self.assertEqual(lines.unit_price, 87)

    def test_grace_and_cut(self):
        self.assertFalse(self.overstay("18:10"))

    def test_no_overtime_where_use_is_cut(self):
        self.assertFalse(self.overstay("18:37", at_end="cut"))

    def test_fee_and_factor(self):
        lines = self.overstay("18:15", overtime_fee=20, overtime_factor=1)
        self.assertEqual(lines.mapped("amount"), [14.5, 20])

    def test_not_past_the_next_booking(self):
        follower = self.env["teahouse.booking"].create(
            {
                "room_id": self.room.id,
                "start": self.at("18:30"),
                "end": self.at("20:00"),
                "state": "confirmed",
            }
        )
        self.assertTrue(follower)
        lines = self.overstay("19:00")
        self.assertEqual(sum(lines.mapped("minutes")), 30)

    def test_from_what_is_paid(self):
        """Rounding up to steps had paid for the minutes already."""
        booking = self.book("16:00", "17:40")
        self.store.at_end = "run_on"
        self.assertEqual(booking.paid_until, self.at("18:00"))
        booking.write({"state": "completed", "ended_at": self.at("18:05")})
        booking._charge_real_use()
        self.assertNotIn("overtime", booking.charge_line_ids.mapped("kind"))


@tagged("post_install", "-at_install")
class TestMovedPrice(TariffCommon):
    """Staff move a stay to a time, or a room, of another price."""

    def move(self, booking, start, end, room=None):
        booking._move(room or self.room, self.at(start), self.at(end))

    def paid(self, start, end):
        booking = self.book(start, end)
        booking.action_confirm()
        return booking

    def test_dearer_hours_are_due(self):
        booking = self.paid("14:00", "16:00")
        self.move(booking, "17:00", "19:30")
        self.assertEqual(booking.amount_total, 125)
        self.assertEqual(booking.paid_until, self.at("19:30"))
        self.assertEqual(booking.state, "confirmed")
        line = booking.charge_line_ids[-1]
        self.assertEqual(
            (line.kind, line.amount, line.state), ("adjustment", 49, "open")
        )

    def test_there_and_back(self):
        booking = self.paid("14:00", "16:00")
        self.move(booking, "17:00", "19:30")
        self.move(booking, "14:00", "16:00")
        self.assertEqual(booking.amount_total, 76)
        self.assertEqual(booking.amount_surplus, 0)

    def test_by_the_prices_when_it_was_sold(self):
        booking = self.paid("14:00", "16:00")
        self.tariff.band_ids.price_hour = 500
        self.move(booking, "15:00", "17:00")
        self.assertEqual(booking.amount_total, 76)

    def test_hold(self):
        booking = self.book("14:00", "16:00")
        self.move(booking, "08:00", "09:00")
        self.assertEqual((booking.state, booking.amount_due), ("hold", 38))

    def test_another_room_and_extension_there(self):
        self.make_hours([(0, 0, 100)], room_ids=self.room_2.ids)
        booking = self.paid("14:00", "16:00")
        self.move(booking, "15:00", "17:00", self.room_2)
        self.assertEqual(booking.amount_total, 200)
        self.assertEqual(booking._extension_offer(self.at("18:00"))["amount"], 100)

    def test_discounts_never_make_it_negative(self):
        booking = self.paid("10:00", "14:00")
        self.env["teahouse.charge.line"].create(
            {
                "booking_id": booking.id,
                "kind": "discount",
                "name": "Coupon",
                "unit_price": -100,
                "amount": -100,
            }
        )
        self.assertEqual(booking.amount_total, 52)
        self.move(booking, "10:00", "11:00")
        self.assertEqual(booking.amount_total, 0)
