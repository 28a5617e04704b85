from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import BookingHttpCommon


@tagged("post_install", "-at_install")
class TestBookingApi(BookingHttpCommon):
    """The bookings chapter of the contract, over HTTP."""

    def book(self, **slot):
        return self.post("/bookings", self.slot(**slot), status=201)

    def refused(self, code, status, path, body=None, member=None):
        answer = self.post(path, body, member=member, status=status)
        self.assertEqual(answer["code"], code, answer)
        return answer

    def test_availability(self):
        since, until = self.at(0), self.at(0, days=2)
        window = f"from={since:%Y-%m-%dT%H:%M:%SZ}&to={until:%Y-%m-%dT%H:%M:%SZ}"
        self.book()
        found = self.get(f"/rooms/{self.room.id}/availability?{window}")
        self.assertEqual(found["slot_minutes"], 30)
        self.assertEqual(len(found["free"]), 2)
        found = self.get(f"/stores/{self.store.id}/availability?{window}")
        self.assertEqual(
            {one["name"]: len(one["free"]) for one in found["rooms"]},
            {"Bamboo": 2, "Pine": 1},
        )
        self.get(f"/rooms/999999999/availability?{window}", status=404)
        self.get(f"/rooms/{self.room.id}/availability?from=2027-01-01", status=422)
        self.get(f"/rooms/{self.room.id}/availability", status=422)
        self.get(
            f"/rooms/{self.room.id}/availability?from=2026-12-01T00:00:00"
            "&to=2026-12-02T00:00:00%2B08:00",
            status=422,
        )

    def test_stores_with_a_room_free(self):
        since, until = self.at(14), self.at(16)
        path = (
            "/stores?lat=30.2425&lng=120.1718&radius_km=1"
            f"&free_from={since:%Y-%m-%dT%H:%M:%SZ}&free_to={until:%Y-%m-%dT%H:%M:%SZ}"
        )
        found = self.get(path)["items"]
        mine = next(one for one in found if one["id"] == self.store.id)
        self.assertEqual(mine["rooms_free"], 2)
        self.book()
        found = self.get(path + "&sort=rating")["items"]
        mine = next(one for one in found if one["id"] == self.store.id)
        self.assertEqual(mine["rooms_free"], 1)
        self.assertIsNone(mine["rating"])
        self.get(path.split("&free_to")[0], status=422)

    def test_book(self):
        self.store.write({"wifi_ssid": "tea", "wifi_password": "oolong88"})
        values = self.book(note="Quiet please")
        self.assertEqual(values["state"], "confirmed")
        self.assertEqual(values["room"], {"id": self.room.id, "name": "Bamboo"})
        self.assertEqual(values["wifi"], {"ssid": "tea", "password": "oolong88"})
        self.assertEqual(values["note"], "Quiet please")
        self.refused("slot_taken", 409, "/bookings", self.slot(), self.member_2)
        again = self.get(f"/bookings/{values['ref']}", member=self.member)
        self.assertEqual(again["ref"], values["ref"])

    def test_taken_time_is_refused_cheaply(self):
        """Who comes too late costs little; cleaning counts, a stale hold does not."""
        first = self.book()
        keys = self.env["teahouse.api.idempotency"]
        before = keys.search_count([])
        booking = self.env["teahouse.booking"].search([("ref", "=", first["ref"])])
        with patch.object(
            type(booking), "_api_create", side_effect=AssertionError("not early")
        ):
            self.refused("slot_taken", 409, "/bookings", self.slot(), self.member_2)
            until = booking.blocked_until
            late = {**self.slot(), "start": f"{booking.end:%Y-%m-%dT%H:%M:%SZ}"}
            late["end"] = f"{until + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
            self.assertGreater(until, booking.end)
            self.refused("slot_taken", 409, "/bookings", late, self.member_2)
        self.assertEqual(keys.search_count([]), before)

        booking.write({"state": "hold", "hold_expires_at": fields.Datetime.now()})
        self.post("/bookings", self.slot(), member=self.member_2, status=201)

    def test_same_key_same_booking(self):
        body = self.slot()
        first = self.post("/bookings", body, key="one", status=201)
        second = self.post("/bookings", body, key="one", status=201)
        self.assertEqual(first["ref"], second["ref"])
        other = self.post("/bookings", self.slot(room=self.room_2), key="one")
        self.assertEqual(other["code"], "idempotency_mismatch")

    def test_bad_bodies(self):
        good = self.slot()
        for change in (
            {"start": "2026-12-05T15:00:00"},
            {"start": 5},
            {"room_id": "1"},
            {"people": 0},
            {"people": 99},
            {"minutes": 60},
            {"source": "walk_in"},
            {"note": "x" * 501},
            {"end": good["start"]},
            {"start": self.iso(self.at(14, 10))},
        ):
            self.refused("invalid_request", 422, "/bookings", {**good, **change})
        self.refused("not_found", 404, "/bookings", {**good, "room_id": 2**31 - 1})
        self.refused("invalid_request", 422, "/bookings", {})
        answer = self.api("POST", "/bookings", good)
        self.assertEqual(answer.status_code, 401)
        answer = self.api("POST", "/bookings", good, member=self.member)
        self.assertEqual(answer.status_code, 422, "a key is required")

    def test_others_get_not_found(self):
        ref = self.book()["ref"]
        other = self.member_2
        end = self.iso(self.at(18))
        for path, body in (
            (f"/bookings/{ref}/cancel", {}),
            (f"/bookings/{ref}/extensions", {"end": end}),
            (f"/bookings/{ref}/room-change", {"room_id": self.room_2.id}),
            (f"/bookings/{ref}/checkout", None),
            (f"/bookings/{ref}/invitations", None),
            (
                f"/bookings/{ref}/review",
                {"environment": 5, "service": 5, "facilities": 5},
            ),
            ("/invitations/abc/accept", None),
        ):
            self.refused("not_found", 404, path, body, other)
        for path in ("", "/cancellation", "/pass"):
            self.get(f"/bookings/{ref}{path}", member=other, status=404)
        self.assertEqual(self.get("/bookings", member=other)["items"], [])
        self.get("/bookings/NOSUCHREF234", member=self.member, status=404)

    def test_lists(self):
        refs = [self.book(start=self.at(8 + 3 * i))["ref"] for i in range(3)]
        first = self.get("/bookings?limit=2", member=self.member)
        self.assertEqual([one["ref"] for one in first["items"]], refs[:0:-1])
        rest = self.get(
            f"/bookings?limit=2&cursor={first['next_cursor']}", member=self.member
        )
        self.assertEqual([one["ref"] for one in rest["items"]], refs[:1])
        self.assertIsNone(rest["next_cursor"])
        self.post(f"/bookings/{refs[0]}/cancel", status=200)
        found = self.get("/bookings?state=cancelled,no_show", member=self.member)
        self.assertEqual([one["ref"] for one in found["items"]], refs[:1])
        self.get("/bookings?state=x;y", member=self.member, status=422)
        self.get("/bookings?cursor=garbage", member=self.member, status=422)

    def test_cancel(self):
        ref = self.book(start=self.at(14, days=3))["ref"]
        preview = self.get(f"/bookings/{ref}/cancellation", member=self.member)
        self.assertTrue(preview["cancellable"])
        self.assertEqual(preview["refund_percent"], 100)
        self.assertEqual(len(preview["policy"]), 3)
        values = self.post(f"/bookings/{ref}/cancel", {"reason": "Rain"}, status=200)
        self.assertEqual(values["state"], "cancelled")
        self.assertIsNone(values["wifi"])
        end = self.iso(self.at(18, days=3))
        self.refused("invalid_state", 409, f"/bookings/{ref}/extensions", {"end": end})
        self.refused("invalid_state", 409, f"/bookings/{ref}/checkout")

    def test_stay_longer_and_elsewhere(self):
        ref = self.book()["ref"]
        values = self.post(
            f"/bookings/{ref}/extensions", {"end": self.iso(self.at(17))}, status=201
        )
        self.assertEqual(values["end"][11:16], "01:00")
        values = self.post(
            f"/bookings/{ref}/room-change", {"room_id": self.room_2.id}, status=200
        )
        self.assertEqual(values["room"]["name"], "Pine")
        self.refused(
            "not_found", 404, f"/bookings/{ref}/room-change", {"room_id": 999999999}
        )
        self.book(start=self.at(20), room=self.room_2)
        answer = self.refused(
            "slot_taken",
            409,
            f"/bookings/{ref}/extensions",
            {"end": self.iso(self.at(20))},
        )
        self.assertTrue(answer["errors"][0]["message"].endswith("+08:00"))

    def test_whole_stay(self):
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        start = now - timedelta(minutes=now.minute % 30) + timedelta(minutes=30)
        ref = self.book(start=start)["ref"]
        token = self.post(f"/bookings/{ref}/invitations", status=201)["token"]
        values = self.post(
            f"/invitations/{token}/accept", member=self.member_2, status=200
        )
        guest = values["participants"][1]
        for member in (self.member, self.member_2):
            found = self.get(f"/bookings/{ref}/pass", member=member)
            self.assertTrue(found["qr"].startswith("TH1."))
        answer = self.api(
            "DELETE", f"/bookings/{ref}/participants/{guest['id']}", member=self.member
        )
        self.assertEqual(answer.status_code, 204)
        self.get(f"/bookings/{ref}/pass", member=self.member_2, status=404)
        booking = self.env["teahouse.booking"].search([("ref", "=", ref)])
        booking._check_in("door")
        values = self.post(f"/bookings/{ref}/checkout", status=200)
        self.assertEqual(values["state"], "completed")
        self.post(
            f"/bookings/{ref}/review",
            {"environment": 5, "service": 4, "facilities": 5, "text": "Good tea"},
            status=201,
        )
        found = self.get(f"/stores/{self.store.id}/reviews")["items"]
        self.assertEqual(found[0]["score"], "4.7")
        self.assertTrue(self.get(f"/bookings/{ref}", member=self.member)["reviewed"])

    def test_waitlist(self):
        ref = self.book()["ref"]
        slot = self.slot()
        wish = self.post("/waitlist", slot, member=self.member_2, status=201)
        self.assertEqual(wish["state"], "waiting")
        both = {**slot, "store_id": self.store.id}
        self.refused("invalid_request", 422, "/waitlist", both)
        path = f"/waitlist/{wish['id']}"
        self.refused("not_found", 404, f"{path}/accept")
        self.refused("invalid_state", 409, f"{path}/accept", member=self.member_2)
        self.post(f"/bookings/{ref}/cancel", status=200)
        self.env["teahouse.waitlist"].browse(wish["id"])._offer()
        item = self.get("/waitlist", member=self.member_2)["items"][0]
        self.assertEqual(item["offered_room"]["name"], "Bamboo")
        values = self.post(f"{path}/accept", member=self.member_2, status=201)
        self.assertEqual(values["state"], "confirmed")
        other = self.post("/waitlist", self.slot(start=self.at(20)), status=201)
        answer = self.api("DELETE", f"/waitlist/{other['id']}", member=self.member)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self.get("/waitlist", member=self.member)["items"], [])

    def test_favourites(self):
        path = f"/me/favourites/{self.store.id}"
        answer = self.api("PUT", path, member=self.member)
        self.assertEqual(answer.json(), {"store_id": self.store.id, "favourite": True})
        found = self.get("/me/favourites", member=self.member)["items"]
        self.assertEqual([one["id"] for one in found], [self.store.id])
        self.api("DELETE", path, member=self.member)
        self.assertEqual(self.get("/me/favourites", member=self.member)["items"], [])

    def test_description(self):
        paths = self.get("/openapi.json")["paths"]
        for path in (
            "/bookings/{ref}/pass",
            "/rooms/{room_id}/availability",
            "/bookings/{ref}/room-change",
            "/stores/{store_id}/reviews",
        ):
            self.assertTrue(any(key.endswith(path) for key in paths), path)
