from datetime import datetime
from types import SimpleNamespace
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..engine.geo import distance_m
from .common import TeahouseCommon


@tagged("post_install", "-at_install")
class TestStore(TeahouseCommon):
    def test_an_owner_opens_a_store(self):
        store = (
            self.env["teahouse.store"]
            .with_user(self.user_owner)
            .create({"name": "New", "wifi_password": "leaf-1"})
        )
        self.assertTrue(store.partner_id)
        self.assertEqual(store.wifi_password, "leaf-1")
        self.assertIsNone(store._api_values()["location"])
        room = (
            self.env["teahouse.room"]
            .with_user(self.user_manager)
            .create({"name": "Willow", "store_id": self.store.id})
        )
        self.assertEqual(room.capacity, 4)

    def test_address_contact_follows(self):
        store = self.make_store(name="Lakeside", street="1 Lake Road", city="Hangzhou")
        partner = store.partner_id
        self.assertEqual(partner.street, "1 Lake Road")
        self.assertEqual(partner.company_id, store.company_id)
        store.write({"name": "Lake", "city": "Ningbo"})
        self.assertEqual((partner.name, partner.city), ("Lake", "Ningbo"))

    def test_address_contact_follows_a_manager(self):
        self.store.with_user(self.user_manager).street = "2 River Road"
        self.assertEqual(self.store.partner_id.street, "2 River Road")

    def test_closed_needs_a_reason(self):
        with self.assertRaises(ValidationError):
            self.store.state = "closed"
        self.store.write({"state": "closed", "state_reason": "Renovation"})

    @mute_logger("odoo.sql_db")
    def test_impossible_coordinates(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.make_store(latitude=91)
            self.env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_codes_are_unique_per_company(self):
        self.store.code = "R1"
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.other_store.code = "R1"
            self.env.flush_all()

    def test_local_clock(self):
        self.store.tz = "Europe/Berlin"
        self.assertEqual(self.store._local(datetime(2026, 7, 1, 10)).hour, 12)
        self.assertEqual(self.store._local(datetime(2026, 1, 1, 10)).hour, 11)

    def test_open_intervals(self):
        start, end = datetime(2026, 3, 2), datetime(2026, 3, 4)
        self.assertEqual(self.store._open_intervals(start, end), [(start, end)])
        self.store.write(
            {
                "open_24h": False,
                "opening_ids": [
                    Command.create({"weekday": "0", "hour_from": 9, "hour_to": 22.5})
                ],
            }
        )
        self.assertEqual(
            self.store._open_intervals(start, end),
            [(datetime(2026, 3, 2, 1), datetime(2026, 3, 2, 14, 30))],
        )

    def test_geolocation(self):
        partners = self.env.registry["res.partner"]
        with patch.object(partners, "_geo_localize", return_value=(31.2, 121.4)):
            self.store.action_geolocate()
        self.assertEqual((self.store.latitude, self.store.longitude), (31.2, 121.4))
        with (
            patch.object(partners, "_geo_localize", return_value=None),
            self.assertRaises(UserError),
        ):
            self.store.action_geolocate()

    def test_room_takes_the_usual_capacity(self):
        kind = self.env["teahouse.room.type"].create({"name": "Large", "capacity": 12})
        room = self.env["teahouse.room"].create(
            {"name": "Hall", "store_id": self.store.id, "room_type_id": kind.id}
        )
        self.assertEqual(room.capacity, 12)
        self.assertEqual(room.company_id, self.store.company_id)

    @mute_logger("odoo.sql_db")
    def test_photo_belongs_to_one(self):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhf"
            "DwAChwGA60e6kgAAAABJRU5ErkJggg=="
        )
        photos = self.env["teahouse.photo"]
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            photos.create({"image": pixel})
        photo = photos.create({"image": pixel, "store_id": self.store.id})
        cover = self.store._api_values()["cover"]
        self.assertIn(f"/photos/{photo.id}?v=", cover)

    def test_wifi_is_for_guests_only(self):
        self.store.write({"wifi_ssid": "Leaf", "wifi_password": "oolong-42"})
        self.store.arrival_guide = "Second door"
        shown = str(self.store._api_values(detail=True))
        for secret in ("Leaf", "oolong-42", "Second door"):
            self.assertNotIn(secret, shown)
        guest = self.store._guest_values()
        self.assertEqual(guest["wifi"], {"ssid": "Leaf", "password": "oolong-42"})
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT wifi_password FROM teahouse_store WHERE id = %s", [self.store.id]
        )
        self.assertNotIn("oolong", self.env.cr.fetchone()[0])


@tagged("post_install", "-at_install")
class TestStoreSearch(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["teahouse.store"].search(
            [("id", "not in", (cls.store + cls.other_store).ids)]
        ).active = False

    def search(self, limit=20, cursor=None, user=None, **query):
        names = ("lat", "lng", "radius_km", "q", "capacity", "facility", "sort")
        values = dict.fromkeys(names) | query
        stores = self.env["teahouse.store"].with_user(user or self.user_public)
        return stores._api_search(SimpleNamespace(**values, limit=limit, cursor=cursor))

    def names(self, **query):
        return [item["name"] for item in self.search(**query)["items"]]

    def test_nearest_first_for_anybody(self):
        for user in (self.user_public, self.member.user_id, self.user_staff):
            items = self.search(lat=30.2425, lng=120.1718, user=user)["items"]
            self.assertEqual([i["name"] for i in items], ["Riverside", "Hillside"])
            self.assertEqual(items[0]["distance_m"], 0)
        here = (30.2741, 120.1635)
        self.assertEqual(
            self.names(lat=here[0], lng=here[1]), ["Hillside", "Riverside"]
        )

    def test_distances_are_right(self):
        item = self.search(lat=39.9, lng=116.4)["items"][0]
        place = item["location"]["wgs84"]
        expected = distance_m(39.9, 116.4, place["lat"], place["lng"])
        self.assertAlmostEqual(item["distance_m"], expected, delta=1)

    def test_radius(self):
        self.assertEqual(
            self.names(lat=30.2425, lng=120.1718, radius_km=1), ["Riverside"]
        )
        self.assertEqual(
            self.names(lat=30.2425, lng=120.1718, radius_km=0.0001), ["Riverside"]
        )
        self.assertEqual(self.names(lat=31, lng=120.1718, radius_km=1), [])
        self.assertEqual(len(self.names(lat=-30, lng=-60, radius_km=15000)), 0)
        self.assertEqual(len(self.names(lat=-30, lng=-60, radius_km=20000)), 2)
        self.assertEqual(len(self.names(lat=-30, lng=-60)), 2)

    def test_across_the_date_line(self):
        self.make_store(name="Fiji", latitude=-17.0, longitude=179.99)
        self.make_store(name="Taveuni", latitude=-17.0, longitude=-179.98)
        self.assertEqual(
            self.names(lat=-17.0, lng=-179.999, radius_km=10), ["Fiji", "Taveuni"]
        )

    def test_a_store_without_place_comes_last(self):
        self.make_store(name="Nowhere", latitude=0, longitude=0)
        items = self.search(lat=30.2425, lng=120.1718)["items"]
        self.assertEqual(items[-1]["name"], "Nowhere")
        self.assertIsNone(items[-1]["distance_m"])
        self.assertIsNone(items[-1]["location"])
        self.assertNotIn("Nowhere", self.names(lat=0.01, lng=0.01, radius_km=50))

    def test_closed_stores_are_hidden_paused_ones_shown(self):
        self.store.write({"state": "closed", "state_reason": "Renovation"})
        self.other_store.write({"state": "paused", "state_reason": "Cleaning"})
        items = self.search()["items"]
        self.assertEqual([item["name"] for item in items], ["Hillside"])
        self.assertEqual(items[0]["state_reason"], "Cleaning")
        with self.assert_code("not_found"):
            self.env["teahouse.store"]._api_find(self.store.id)
        with self.assert_code("not_found"):
            self.env["teahouse.room"]._api_find(self.room.id)

    def test_text(self):
        self.store.street = "河坊街 100%_1 号"
        self.assertEqual(self.names(q="河坊"), ["Riverside"])
        self.assertEqual(self.names(q="hillSIDE"), ["Hillside"])
        self.assertEqual(self.names(q="100%_1"), ["Riverside"])
        self.assertEqual(self.names(q="100_%1"), [])
        self.assertEqual(self.names(q="'; DROP TABLE teahouse_store; --"), [])

    def test_capacity_needs_an_open_room(self):
        self.assertEqual(self.names(capacity=8), ["Riverside"])
        self.room_2.state = "closed"
        self.assertEqual(self.names(capacity=8), [])
        self.room_2.write({"state": "open", "active": False})
        self.assertEqual(self.names(capacity=8), [])

    def test_facilities_of_store_or_room_all_needed(self):
        wifi = self.env.ref("teahouse_base.teahouse_facility_wifi")
        sofa = self.env.ref("teahouse_base.teahouse_facility_sofa")
        self.store.facility_ids = wifi
        self.room.facility_ids = sofa
        self.other_store.facility_ids = wifi
        self.assertEqual(len(self.names(facility="wifi")), 2)
        self.assertEqual(self.names(facility="wifi,sofa"), ["Riverside"])
        self.assertEqual(self.names(facility="wifi,piano"), [])

    def test_pages(self):
        for number in range(5):
            self.make_store(name=f"S{number}", latitude=20 + number, longitude=110)
        seen, cursor = [], None
        for _page in range(9):
            page = self.search(lat=20, lng=110, limit=3, cursor=cursor)
            seen += [item["name"] for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
        self.assertEqual(seen[:5], ["S0", "S1", "S2", "S3", "S4"])
        self.assertEqual(len(seen), 7)

    def test_one_statement_finds_them(self):
        self.search(lat=30, lng=120, capacity=2, q="side")
        self.env.invalidate_all()
        stores = self.env["teahouse.store"]
        query = SimpleNamespace(
            lat=30, lng=120, radius_km=50, q="side", capacity=2, facility="", sort=None
        )
        with self.assertQueryCount(1):
            self.assertEqual(len(stores._search_rows(query, 20)), 2)

    def test_the_index_serves_nearest_first(self):
        self.env.cr.execute(
            """INSERT INTO teahouse_store (name, company_id, state, tz, active,
                   latitude, longitude, encryption_uid, sequence)
               SELECT 'S' || n, %s, 'open', 'Asia/Shanghai', true,
                      20 + n %% 100 * 0.2, 100 + n / 100 * 0.4, 'x' || n, 10
                 FROM generate_series(1, 3000) n""",
            [self.company.id],
        )
        self.env.cr.execute("ANALYZE teahouse_store")
        query = SimpleNamespace(
            **dict.fromkeys(("radius_km", "q", "capacity", "facility", "sort")),
            lat=30.0,
            lng=110.0,
        )
        plans = []
        execute = type(self.env).execute_query

        def explain(env, sql):
            plans.append(str(execute(env, SQL("EXPLAIN %s", sql))))
            return execute(env, sql)

        with patch.object(type(self.env), "execute_query", explain):
            rows = self.env["teahouse.store"]._search_rows(query, 20)
        self.assertEqual(len(rows), 20)
        self.assertIn("teahouse_store_point", plans[-1])
        self.assertNotIn("Seq Scan on teahouse_store", plans[-1])


@tagged("post_install", "-at_install")
class TestPlace(TeahouseCommon):
    """Coordinates copied from map pages."""

    def test_all_systems_lead_to_one_place(self):
        stores = self.env["teahouse.store"].with_user(self.user_manager)
        shown = stores.show_place(30.2425, 120.1718, "Store")
        for system, text in shown["points"].items():
            place = stores.read_place(text, system)
            self.assertAlmostEqual(place["latitude"], 30.2425, places=5)
            self.assertAlmostEqual(place["longitude"], 120.1718, places=5)
        self.assertNotEqual(shown["points"]["gcj02"], shown["points"]["bd09"])
        self.assertIn("uri.amap.com", shown["links"]["amap"])

    def test_longitude_first_as_map_pages_have_it(self):
        place = self.env["teahouse.store"].read_place(" 120.1718，30.2425 ", "wgs84")
        self.assertEqual(place, {"latitude": 30.2425, "longitude": 120.1718})

    def test_no_coordinates(self):
        for text in ("", "somewhere", "1", "1,2,3", "200,300", None):
            with self.assertRaises(UserError):
                self.env["teahouse.store"].read_place(text, "wgs84")

    def test_pictures_of_maps_are_a_setting(self):
        tiles = self.env["teahouse.store"].with_user(self.user_manager).map_tiles()
        self.assertEqual(tiles["system"], "wgs84")
        self.assertIn("{z}/{x}/{y}", tiles["address"])
        params = self.env["ir.config_parameter"]
        params.set_param("teahouse_base.map_tiles", "https://t.test/{z}/{x}/{y}")
        params.set_param("teahouse_base.map_system", "gcj02")
        tiles = self.env["teahouse.store"].with_user(self.user_manager).map_tiles()
        self.assertEqual(tiles["system"], "gcj02")
        self.assertEqual(tiles["address"], "https://t.test/{z}/{x}/{y}")
        with self.assertRaises(AccessError):
            self.env["teahouse.store"].with_user(self.user_portal).map_tiles()

    def test_customers_do_not_call_it(self):
        with self.assertRaises(AccessError):
            self.as_member("teahouse.store").show_place(30, 120)

    def test_the_address_of_a_photo_changes_with_it(self):
        photo = self.env["teahouse.photo"].create(
            {"store_id": self.store.id, "image": self.company.logo}
        )
        self.assertRegex(photo._api_url(), r"/photos/\d+\?v=[0-9a-f]+$")
