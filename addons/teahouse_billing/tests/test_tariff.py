from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .tariff_common import TariffCommon


@tagged("post_install", "-at_install")
class TestTariff(TariffCommon):
    def test_worked_examples(self):
        self.make_package(store_ids=[Command.set(self.store.ids)])
        self.make_session(store_ids=[Command.set(self.store.ids)])
        for start, end, amount in (
            ("14:00", "16:00", "76.00"),
            ("17:00", "19:30", "125.00"),
            ("17:00", "17:20", "38.00"),
            ("23:30", "+00:40", "57.00"),
            ("22:00", "+08:00", "168.00"),
            ("10:00", "15:00", "166.00"),
            ("20:00", "+08:00", "284.00"),
            ("22:00", "+06:00", "168.00"),
            ("10:00", "14:30", "147.00"),
            ("10:00", "18:00", "280.00"),
        ):
            with self.subTest(start=start, end=end):
                self.assertEqual(self.amounts(start, end)[0], amount)

    def test_changed_price_counts_at_once(self):
        self.assertEqual(self.amounts("14:00", "16:00"), ["76.00"])
        self.tariff.band_ids[0].price_hour = 40.1
        self.assertEqual(self.amounts("14:00", "16:00"), ["80.20"])
        self.tariff.band_ids[0].unlink()
        self.assertEqual(self.amounts("14:00", "16:00"), [])
        self.tariff.active = False
        self.assertEqual(self.amounts("19:00", "20:00"), [])

    def test_most_specific_hours_win(self):
        flat = {"bands": [(0, 24, 1)], "sequence": 99}
        kind = self.env["teahouse.room.type"].create({"name": "Large", "capacity": 4})
        self.room.room_type_id = kind
        steps = (
            ({"store_ids": [Command.set(self.store.ids)]}, 10),
            ({"room_type_ids": [Command.set(kind.ids)]}, 20),
            ({"room_ids": [Command.set(self.room.ids)]}, 30),
        )
        for values, price in steps:
            self.make_hours(**{**flat, "bands": [(0, 24, price)]}, **values)
            self.assertEqual(self.amounts("10:00", "11:00"), [f"{price}.00"])
        self.assertEqual(self.amounts("10:00", "11:00", room=self.room_2), ["10.00"])
        self.assertEqual(
            self.amounts("10:00", "11:00", room=self.other_room), ["38.00"]
        )

    def test_sequence_decides_between_equals(self):
        self.make_hours(bands=[(0, 24, 99)], sequence=20)
        self.assertEqual(self.amounts("10:00", "11:00"), ["38.00"])
        self.make_hours(bands=[(0, 24, 9)], sequence=5)
        self.assertEqual(self.amounts("10:00", "11:00"), ["9.00"])

    def test_store_and_type_named_means_both(self):
        kind = self.env["teahouse.room.type"].create({"name": "Large", "capacity": 4})
        self.make_package(
            price=1,
            store_ids=[Command.set(self.store.ids)],
            room_type_ids=[Command.set(kind.ids)],
        )
        self.assertEqual(len(self.amounts("10:00", "14:00")), 1)
        self.room.room_type_id = kind
        self.assertEqual(len(self.amounts("10:00", "14:00")), 2)

    def test_dates(self):
        self.make_hours(
            bands=[(0, 24, 5)], sequence=1, date_from=self.day, date_to=self.day
        )
        self.assertEqual(self.amounts("10:00", "11:00"), ["5.00"])
        self.assertEqual(self.amounts("+10:00", "+11:00"), ["38.00"])

    def test_new_version(self):
        action = self.tariff.action_new_version()
        version = self.env["teahouse.tariff"].browse(action["res_id"])
        version.band_ids.price_hour = 100
        self.assertEqual(self.tariff.valid_until, version.valid_from)
        self.assertEqual(self.amounts("10:00", "11:00"), ["38.00"])
        later = version.valid_from + timedelta(minutes=1)
        self.assertEqual(self.amounts("10:00", "11:00", at=later), ["100.00"])
        with self.assertRaises(UserError):
            self.tariff.action_new_version()
        version.unlink()
        self.assertFalse(self.tariff.valid_until)

    def test_version_comes_after_the_one_before(self):
        self.tariff.action_new_version()
        version = self.tariff.next_ids
        self.tariff.valid_from = fields.Datetime.now()
        with self.assertRaises(ValidationError):
            version.valid_from = fields.Datetime.now() - timedelta(days=3)

    def test_what_makes_no_sense_is_refused(self):
        refused = (
            {"kind": "package", "price": 1, "duration_minutes": 0},
            {"kind": "session", "price": -1},
            {"step_minutes": 0},
            {"window_from": 25},
            {"deposit": -1},
            {"date_from": "2026-02-02", "date_to": "2026-02-01"},
        )
        for values in refused:
            with (
                self.subTest(values=values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.env["teahouse.tariff"].create({"name": "Bad", **values})
        with self.assertRaises(ValidationError):
            self.tariff.cap_amount = 10

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        store = self.make_store(name="Far", company_id=company.id)
        room = self.make_room(store)
        self.assertEqual(self.amounts("10:00", "11:00", room=room), [])
        with self.assertRaises(UserError):
            self.tariff.store_ids = store

    def test_price_from_of_the_store(self):
        self.assertEqual(self.store.price_from, 28)
        self.tariff.band_ids[2].price_hour = 18.5
        self.assertEqual(self.store.price_from, 18.5)
        self.make_hours(bands=[(0, 24, 7)], room_ids=[Command.set(self.room_2.ids)])
        self.assertEqual(self.store.price_from, 7)
        self.room_2.state = "closed"
        self.assertEqual(self.store.price_from, 18.5)
        self.tariff.active = False
        self.assertEqual(self.store.price_from, 0)

    def test_few_queries_once_prices_are_known(self):
        self.quote("10:00", "15:00")
        self.env.invalidate_all()
        with self.assertQueryCount(6):
            self.quote("10:00", "15:00")


@tagged("post_install", "-at_install")
class TestCalendar(TariffCommon):
    def test_holiday_price(self):
        self.tariff.band_ids = [
            Command.create(
                {
                    "sequence": 1,
                    "day_type": "holiday",
                    "time_from": 0,
                    "time_to": 24,
                    "price_hour": 88,
                }
            )
        ]
        self.assertEqual(self.amounts("10:00", "11:00"), ["38.00"])
        day = self.make_holiday(self.day)
        self.assertEqual(self.amounts("10:00", "11:00"), ["88.00"])
        day.kind = "workday"
        self.assertEqual(self.amounts("10:00", "11:00"), ["38.00"])

    def test_named_weekdays(self):
        self.tariff.band_ids = [
            Command.create({"sequence": 1, "tue": True, "price_hour": 11})
        ]
        self.assertEqual(self.amounts("10:00", "11:00"), ["11.00"])
        self.assertEqual(self.amounts("+10:00", "+11:00"), ["38.00"])

    def test_one_entry_a_day(self):
        self.make_holiday(self.day)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.make_holiday(self.day)

    def test_import(self):
        holidays = self.env["teahouse.holiday"]
        kept = holidays.create({"date": "2025-10-01", "name": "Ours"})
        added = holidays._import_china(self.company, 2025)
        kinds = {str(day.date): day.kind for day in added | kept}
        self.assertEqual(kinds["2025-10-02"], "holiday")
        self.assertEqual(kinds["2025-09-28"], "workday")
        self.assertEqual(kept.name, "Ours")
        self.assertFalse(holidays._import_china(self.company, 2025))
        with self.assertRaises(UserError):
            holidays._import_china(self.company, 1999)

    def test_wizard(self):
        wizard = self.env["teahouse.holiday.import"].with_user(self.user_owner)
        action = wizard.create({"year": 2024}).action_import()
        self.assertEqual(action["res_model"], "teahouse.holiday")

    def test_owner_is_warned_once(self):
        year = (fields.Date.today() + timedelta(days=61)).year
        days = self.env["teahouse.holiday"].search([("date", ">=", f"{year}-01-01")])
        days.unlink()
        inbox = [
            ("user_id", "=", self.user_owner.id),
            ("template_id.code", "=", "holidays_missing"),
            ("channel", "=", "inbox"),
        ]
        for _time in range(2):
            self.env["teahouse.holiday"]._cron_warn_missing()
        self.assertEqual(self.env["teahouse.notification"].search_count(inbox), 1)


@tagged("post_install", "-at_install")
class TestTariffForm(TariffCommon):
    def test_chart_and_warnings(self):
        form = Form(self.env["teahouse.tariff"])
        form.name = "Hours"
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 8, 22, 30
        self.assertIn("22:00–24:00", form.band_warning)
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 20, 8, 40
        self.assertNotIn("22:00–24:00", form.band_warning)
        self.assertIn("overlap", form.band_warning)
        self.assertIn("40", form.week_chart)
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 9, 10, 1
        self.assertIn("never counts", form.band_warning)
        form.save()

    def test_nothing_to_warn_of(self):
        self.assertFalse(self.tariff.band_warning)
        self.assertIn("58", self.tariff.week_chart)

    def test_simulator_shows_what_a_customer_gets(self):
        self.make_package()
        wizard = self.env["teahouse.tariff.simulator"].with_user(self.user_staff)
        wizard = wizard.create(
            {
                "room_id": self.room.id,
                "start": self.at("10:00"),
                "end": self.at("15:00"),
            }
        )
        self.assertIn("166.00", wizard.result)
        self.assertIn("190.00", wizard.result)
        self.tariff.active = False
        wizard.start = self.at("18:00")
        wizard.end = self.at("19:00")
        self.assertIn("no price", wizard.result)


@tagged("post_install", "-at_install")
class TestTariffRights(TariffCommon):
    def test_manager_writes_those_of_his_stores_only(self):
        own = self.make_hours(store_ids=[Command.set(self.store.ids)])
        both = self.make_hours(
            store_ids=[Command.set((self.store | self.other_store).ids)]
        )
        foreign = self.make_hours(room_ids=[Command.set(self.other_room.ids)])
        own.with_user(self.user_manager).band_ids[0].price_hour = 50
        own.with_user(self.user_manager).name = "Ours"
        for tariff in (self.tariff, both, foreign):
            as_manager = tariff.with_user(self.user_manager)
            self.assertTrue(as_manager.name)
            with self.assertRaises(AccessError):
                as_manager.name = "Taken"
            with self.assertRaises(AccessError):
                as_manager.band_ids[0].price_hour = 1
        with self.assertRaises(AccessError):
            own.with_user(self.user_manager).store_ids = self.other_store
        with self.assertRaises(AccessError):
            self.env["teahouse.tariff"].with_user(self.user_manager).create(
                {"name": "Everywhere"}
            )

    def test_others_read_or_see_nothing(self):
        for user in (self.user_staff, self.user_accountant):
            self.assertEqual(self.tariff.with_user(user).name, "Hours")
            with self.assertRaises(AccessError):
                self.tariff.with_user(user).name = "Other"
        for user in (self.user_cleaner, self.member.user_id, self.user_public):
            with self.assertRaises(AccessError):
                self.tariff.with_user(user).read(["name"])
        self.tariff.with_user(self.user_owner).name = "Owner's"
