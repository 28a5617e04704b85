import base64
from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.teahouse_base.tests.common import TeahouseHttpCommon

from .tariff_common import TariffCommon


@tagged("post_install", "-at_install")
class TestOfferKey(TariffCommon):
    def setUp(self):
        super().setUp()
        self.tariffs = self.env["teahouse.tariff"]
        self.start, self.end = self.at("14:00"), self.at("16:00")
        self.now = fields.Datetime.now()
        self.offer = self.quote("14:00", "16:00", at=self.now)[0]
        self.key = self.tariffs._offer_key(
            self.offer, self.room, self.start, self.end, self.now
        )

    def resolve(self, key=None, room=None, start=None, end=None):
        return self.tariffs._resolve_offer(
            key or self.key, room or self.room, start or self.start, end or self.end
        )

    def test_stands_for_its_offer(self):
        offer, at = self.resolve()
        self.assertEqual(offer, self.offer)
        self.assertEqual(at, self.now.replace(microsecond=0))

    def test_bound_to_room_and_times(self):
        minute = timedelta(minutes=30)
        for changed in (
            {"room": self.room_2},
            {"start": self.start + minute},
            {"end": self.end - minute},
        ):
            with self.subTest(changed=changed), self.assert_code("offer_expired"):
                self.resolve(**changed)

    def test_good_for_ten_minutes(self):
        with freeze_time(self.now + timedelta(minutes=9, seconds=59)):
            self.resolve()
        with (
            freeze_time(self.now + timedelta(minutes=10, seconds=1)),
            self.assert_code("offer_expired"),
        ):
            self.resolve()

    def test_no_tampering(self):
        raw = bytearray(base64.urlsafe_b64decode(self.key))
        for i in range(len(raw)):
            forged = raw.copy()
            forged[i] ^= 1
            with self.assert_code("offer_expired"):
                self.resolve(base64.urlsafe_b64encode(bytes(forged)).decode())
        for junk in ("", "x", "價", "AAAA", "A" * 200, self.key[:-4]):
            with self.assert_code("offer_expired"):
                self.tariffs._resolve_offer(junk, self.room, self.start, self.end)

    def test_changed_content_is_no_surprise(self):
        self.tariff.band_ids[0].price_hour = 39
        with self.assert_code("offer_expired"):
            self.resolve()

    def test_new_version_does_not_touch_what_was_quoted(self):
        self.tariff.action_new_version()
        version = self.tariff.next_ids
        version.band_ids.price_hour = 100
        version.valid_from = self.now + timedelta(minutes=1)
        with freeze_time(self.now + timedelta(minutes=5)):
            self.assertEqual(self.amounts("14:00", "16:00"), ["200.00"])
            self.assertEqual(self.resolve()[0].amount, Decimal("76.00"))

    def test_same_offer_in_another_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.tariff.with_context(lang="zh_CN").name = "计时"
        offer, _at = self.tariffs.with_context(lang="zh_CN")._resolve_offer(
            self.key, self.room, self.start, self.end
        )
        self.assertEqual(offer.name, "计时")


@tagged("post_install", "-at_install")
class TestQuoteApi(TariffCommon, TeahouseHttpCommon):
    def post(self, path="/quotes", **body):
        body = {"room_id": self.room.id, **body}
        return self.api("POST", path, body, member=body.pop("member", None))

    def ask(self, start, end, **body):
        times = {"start": self.aware(start).isoformat()}
        if end:
            times["end"] = self.aware(end).isoformat()
        return self.post(**times, **body)

    def assert_problem(self, response, status, code, field=None):
        self.assertEqual(response.status_code, status, response.text)
        self.assertEqual(response.json()["code"], code)
        if field:
            self.assertEqual(response.json()["errors"][0]["field"], field)

    def test_offers_cheapest_first(self):
        self.make_package()
        response = self.ask("10:00", "15:00")
        self.assertEqual(response.status_code, 200, response.text)
        first, second = response.json()["offers"]
        self.assertEqual((first["kind"], first["total"]), ("package", "166.00"))
        self.assertEqual((second["kind"], second["total"]), ("hourly", "190.00"))
        self.assertEqual(first["member_discount"], "0.00")
        self.assertEqual(first["deposit"], "0.00")
        self.assertEqual(first["currency"], self.company.currency_id.name)
        lines = first["lines"]
        self.assertEqual(
            [(line["minutes"], line["unit_price"], line["amount"]) for line in lines],
            [(240, "128.00", "128.00"), (60, "38.00", "38.00")],
        )
        self.assertTrue(lines[0]["start"].endswith("+08:00"))
        self.assertEqual(lines[1]["end"], self.aware("15:00").isoformat())

    def test_bad_input(self):
        good = {"start": self.aware("10:00").isoformat()}
        naive = self.post(start="2030-01-01T10:00:00", end="2030-01-01T12:00:00+08:00")
        self.assert_problem(naive, 422, "invalid_request")
        self.assert_problem(self.ask("16:00", "14:00"), 422, "invalid_request", "end")
        self.assert_problem(self.ask("14:00", "14:20"), 422, "invalid_request", "end")
        self.assert_problem(
            self.ask("14:00", "+++14:00"), 422, "invalid_request", "end"
        )
        self.assert_problem(self.post(price=1, **good), 422, "invalid_request")
        self.assert_problem(self.post(room_id=2**31, **good), 422, "invalid_request")
        gone = self.ask("14:00", "16:00", room_id=2**31 - 1)
        self.assert_problem(gone, 404, "not_found")

    def test_no_price(self):
        self.tariff.band_ids[0].unlink()
        self.assert_problem(self.ask("14:00", "16:00"), 409, "no_tariff")
        self.assert_problem(self.ask("19:00", None), 409, "no_tariff")

    def test_book_what_was_quoted(self):
        self.make_package()
        dearer = self.ask("10:00", "15:00").json()["offers"][1]
        times = {
            "start": self.aware("10:00").isoformat(),
            "end": self.aware("15:00").isoformat(),
        }
        headers = {"Idempotency-Key": "quote-1"}
        response = self.api(
            "POST",
            "/bookings",
            {"room_id": self.room.id, "offer": dearer["key"], **times},
            member=self.member,
            headers=headers,
        )
        self.assertEqual(response.status_code, 201, response.text)
        self.assertEqual(response.json()["amount_due"], dearer["total"])
        other = {**times, "end": self.aware("15:30").isoformat()}
        response = self.api(
            "POST",
            "/bookings",
            {"room_id": self.room_2.id, "offer": dearer["key"], **other},
            member=self.member,
            headers={"Idempotency-Key": "quote-2"},
        )
        self.assert_problem(response, 409, "offer_expired")

    def test_end_is_needed_for_a_timed_stay(self):
        response = self.api(
            "POST",
            "/bookings",
            {"room_id": self.room.id, "start": self.aware("10:00").isoformat()},
            member=self.member,
            headers={"Idempotency-Key": "quote-3"},
        )
        self.assert_problem(response, 422, "invalid_request", "end")

    def test_stores_by_price(self):
        self.make_hours(
            bands=[(0, 24, 8.5)], store_ids=[Command.set(self.other_store.ids)]
        )
        free = self.make_store(name="No price yet", code="ZZ")
        self.env.flush_all()
        ids = {self.store.id: "28.00", self.other_store.id: "8.50", free.id: "28.00"}
        response = self.api("GET", "/stores?sort=price&limit=100")
        self.assertEqual(response.status_code, 200, response.text)
        found = [s for s in response.json()["items"] if s["id"] in ids]
        self.assertEqual(found[0]["id"], self.other_store.id)
        self.assertEqual(found[0]["price_from"], "8.50")
        detail = self.api("GET", f"/stores/{self.store.id}").json()
        self.assertEqual(detail["price_from"], "28.00")
        nothing = next(s for s in found if s["id"] == free.id)
        self.assertIsNone(nothing["price_from"])

    def test_member_price(self):
        tariff_class = type(self.env["teahouse.tariff"])
        with patch.object(
            tariff_class, "_member_discount", lambda *_args: Decimal("5.63")
        ):
            offer = self.ask("14:00", "16:00", member=self.member).json()["offers"][0]
        self.assertEqual(offer["amount"], "76.00")
        self.assertEqual(offer["member_discount"], "5.63")
        self.assertEqual(offer["total"], "70.37")
