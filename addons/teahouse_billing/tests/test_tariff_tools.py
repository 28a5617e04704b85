"""Tools of the owner: copies, warnings, versions, holidays from files."""

import base64
from datetime import date, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, tagged

from odoo.addons.teahouse_base.tests.common import TeahouseCommon

from ..tools import holidays

CSV = """日期,名称,类型
2027-02-06,春节,休
2027/02/14,春节补班,班
20270505,"Labour Day, last day",holiday
"""
ICS = """BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20271001\r
DTEND;VALUE=DATE:20271004\r
SUMMARY:国庆节\\, 放\r
 假\r
END:VEVENT\r
BEGIN:VEVENT\r
DTSTART:20271010T000000Z\r
SUMMARY:国庆节（班）\r
END:VEVENT\r
END:VCALENDAR\r
"""


class TestHolidayFiles(BaseCase):
    def test_csv_as_china_writes_it(self):
        expected = [
            (date(2027, 2, 6), "春节", "holiday"),
            (date(2027, 2, 14), "春节补班", "workday"),
            (date(2027, 5, 5), "Labour Day, last day", "holiday"),
        ]
        for coding in ("utf-8", "utf-8-sig", "gb18030"):
            with self.subTest(coding):
                self.assertEqual(holidays.read(CSV.encode(coding)), expected)

    def test_calendar_ends_before_its_end(self):
        self.assertEqual(
            holidays.read(ICS.encode(), "days.ics"),
            [
                (date(2027, 10, 1), "国庆节, 放假", "holiday"),
                (date(2027, 10, 2), "国庆节, 放假", "holiday"),
                (date(2027, 10, 3), "国庆节, 放假", "holiday"),
                (date(2027, 10, 10), "国庆节（班）", "workday"),
            ],
        )

    def test_a_wrong_line_is_named(self):
        with self.assertRaises(holidays.HolidayFileError) as caught:
            holidays.read(b"date,name\n2027-13-01,x\n")
        self.assertEqual(caught.exception.line, 2)
        self.assertEqual(holidays.read(b""), [])

    def test_a_day_counts_once(self):
        found = holidays.read(b"2027-01-01;a\n2027-01-01;b;workday\n")
        self.assertEqual(found, [(date(2027, 1, 1), "b", "workday")])


@tagged("post_install", "-at_install", "teahouse_tariff")
class TestTariffTools(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["teahouse.tariff"].search([]).active = False
        cls.tariff = cls.make_tariff()

    @classmethod
    def make_tariff(cls, **values):
        return cls.env["teahouse.tariff"].create(
            {
                "name": "Hours",
                "kind": "hourly",
                "company_id": cls.company.id,
                "store_ids": [Command.set(cls.store.ids)],
                "band_ids": [Command.create({"price_hour": 40})],
                **values,
            }
        )

    def copy_to(self, stores, user=None, **values):
        wizard = (
            self.env["teahouse.tariff.copy"]
            .with_user(user or self.user_owner)
            .create(
                {
                    "tariff_ids": [Command.set(self.tariff.ids)],
                    "store_ids": [Command.set(stores.ids)],
                    **values,
                }
            )
        )
        return self.env["teahouse.tariff"].search(wizard.action_copy()["domain"])

    def test_each_store_gets_a_copy_of_its_own(self):
        made = self.copy_to(self.store | self.other_store)
        self.assertEqual(made.store_ids, self.other_store, "the first has it already")
        made.band_ids.price_hour = 50
        self.assertEqual(self.tariff.band_ids.price_hour, 40)
        self.assertEqual(made.name, "Hours")

    def test_or_the_same_tariff_is_sold_there_too(self):
        found = self.copy_to(self.other_store, mode="add")
        self.assertEqual(found, self.tariff)
        self.assertEqual(found.store_ids, self.store | self.other_store)

    def test_what_names_rooms_is_not_copied(self):
        self.tariff.room_ids = self.room
        with self.assertRaises(UserError):
            self.copy_to(self.other_store)

    def test_managers_copy_to_their_stores_only(self):
        with self.assertRaises(AccessError):
            self.copy_to(self.other_store, self.user_manager)
        with self.assertRaises(AccessError):
            self.copy_to(self.other_store, self.user_staff)

    def test_two_prices_for_the_same_minute_are_told_before_saving(self):
        form = Form(self.env["teahouse.tariff"].with_user(self.user_owner))
        form.name = "Summer"
        form.store_ids.add(self.store)
        self.assertIn("Hours counts", form.clash_warning)
        form.sequence = 1
        self.assertIn("Summer counts", form.clash_warning)
        form.date_from = date(2026, 1, 1)
        form.room_ids.add(self.room)
        self.assertFalse(form.clash_warning, "a room's own tariff is more specific")
        form.room_ids.remove(self.room.id)
        self.tariff.date_to = date(2025, 12, 31)
        form.date_to = date(2026, 1, 31)
        self.assertFalse(form.clash_warning, "they are not of the same time")

    def test_gaps_and_overlaps_are_told_before_saving(self):
        form = Form(self.env["teahouse.tariff"].with_user(self.user_owner))
        form.name = "Days"
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 8, 18, 38
        self.assertIn("00:00–08:00", form.band_warning)
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 16, 8, 58
        self.assertIn("overlap", form.band_warning)
        self.assertNotIn("No price", form.band_warning)

    def test_a_special_band_behind_a_general_one_is_told(self):
        form = Form(self.env["teahouse.tariff"].with_user(self.user_owner))
        form.name = "Days"
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 0, 24, 38
        with form.band_ids.new() as band:
            band.time_from, band.time_to, band.price_hour = 18, 6, 58
            band.day_type = "weekend"
        self.assertIn("never counts", form.band_warning)
        with form.band_ids.edit(0) as band:
            band.time_from, band.time_to = 8, 20
        self.assertIn("overlap", form.band_warning)
        with form.band_ids.edit(0) as band:
            band.sequence = 20
        self.assertNotIn("overlap", form.band_warning)

    def test_a_version_begins_at_midnight_of_the_store_and_clashes_with_nothing(self):
        action = self.tariff.with_user(self.user_owner).action_new_version()
        version = self.env["teahouse.tariff"].browse(action["res_id"])
        local = self.store._local(version.valid_from)
        now = self.store._local(fields.Datetime.now())
        self.assertEqual((local.hour, local.minute), (0, 0))
        self.assertEqual(local.date(), now.date() + timedelta(days=1))
        self.assertEqual(self.tariff.valid_until, version.valid_from)
        self.assertFalse(version.clash_warning)

    def import_file(self, content, name, user=None, **values):
        wizards = self.env["teahouse.holiday.import"].with_user(user or self.user_owner)
        wizard = wizards.create(
            {
                "source": "file",
                "file": base64.b64encode(content.encode()),
                "file_name": name,
                **values,
            }
        )
        preview = wizard.preview
        wizard.action_import()
        return preview

    def test_holidays_come_from_a_file(self):
        preview = self.import_file(CSV, "days.csv")
        self.assertIn("2027-02-14", preview)
        days = self.env["teahouse.holiday"].search([("date", ">=", "2027-01-01")])
        kinds = {day.date: day.kind for day in days}
        self.assertEqual(kinds[date(2027, 2, 14)], "workday")

        again = CSV.replace("春节补班,班", "other,holiday")
        self.import_file(again, "days.csv")
        day = days.filtered(lambda day: day.date == date(2027, 2, 14))
        self.assertEqual(day.kind, "workday", "days that are there stay")
        self.import_file(again, "days.csv", replace=True)
        self.assertEqual((day.kind, day.name), ("holiday", "other"))

    def test_a_bad_file_is_refused_with_its_line(self):
        with self.assertRaises(UserError) as caught:
            self.import_file("2027-01-01,a\nnever,b\n", "days.csv")
        self.assertIn("never", str(caught.exception))
        with self.assertRaises(UserError):
            self.import_file("", "days.csv")
        with self.assertRaises(AccessError):
            self.import_file(CSV, "days.csv", user=self.user_manager)
