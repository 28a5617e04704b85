import base64

from odoo.tests import tagged

from .test_api_frame import ApiFrameCommon
from .test_api_me import picture


@tagged("post_install", "-at_install")
class TestStores(ApiFrameCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["teahouse.store"].search([]).filtered(
            lambda store: store not in cls.store | cls.other_store
        ).active = False
        cls.photo = cls.env["teahouse.photo"].create(
            {
                "store_id": cls.store.id,
                "image": base64.b64encode(picture(size=(1200, 600))),
            }
        )

    def names(self, query=""):
        response = self.api("GET", f"/stores{query}")
        self.assertEqual(response.status_code, 200, response.text)
        return [item["name"] for item in response.json()["items"]]

    def test_nearest_comes_first_with_its_distance(self):
        response = self.api("GET", "/stores?lat=30.2741&lng=120.1630").json()

        self.assertEqual(
            [item["name"] for item in response["items"]], ["Hillside", "Riverside"]
        )
        self.assertLess(response["items"][0]["distance_m"], 100)
        self.assertIn("gcj02", response["items"][0]["location"])

    def test_without_a_place_there_is_no_distance(self):
        item = self.api("GET", "/stores").json()["items"][0]
        self.assertIsNone(item["distance_m"])

    def test_pages(self):
        first = self.api("GET", "/stores?limit=1&sort=name").json()
        second = self.api(
            "GET", f"/stores?limit=1&sort=name&cursor={first['next_cursor']}"
        ).json()

        self.assertEqual(first["items"][0]["name"], "Hillside")
        self.assertEqual(second["items"][0]["name"], "Riverside")
        self.assertIsNone(second["next_cursor"])

    def test_filters(self):
        here = "?lat=30.2741&lng=120.1630"
        self.assertEqual(self.names(f"{here}&radius_km=1"), ["Hillside"])
        self.assertEqual(self.names("?q=river"), ["Riverside"])
        self.assertEqual(self.names("?q=%25"), [])
        self.assertEqual(self.names("?capacity=8"), ["Riverside"])
        self.assertEqual(self.names("?facility=nothing-like-this"), [])

    def test_wrong_queries_are_named(self):
        for query, field in (
            ("lat=91&lng=0", "lat"),
            ("lat=30", "lng"),
            ("lng=120", "lat"),
            ("lat=nan&lng=0", "lat"),
            ("lat=inf&lng=0", "lat"),
            ("radius_km=1", "lat"),
            ("sort=distance", "lat"),
            ("sort=price", "sort"),
            ("capacity=0", "capacity"),
            ("facility=,", "facility"),
            ("q=", "q"),
            ("cursor=WzFd!", "cursor"),
            ("cursor=WyJhIl0", "cursor"),
        ):
            with self.subTest(query=query):
                response = self.api("GET", f"/stores?{query}")
                self.assert_problem(response, 422, "invalid_request", field)

    def test_store_page(self):
        values = self.api("GET", f"/stores/{self.store.id}").json()

        self.assertEqual(values["name"], "Riverside")
        self.assertEqual({room["name"] for room in values["rooms"]}, {"Bamboo", "Pine"})
        self.assertEqual(
            set(values["navigation"]),
            {"amap", "tencent", "baidu", "apple", "google", "geo"},
        )
        self.assertNotIn("wifi", str(values).lower())

    def test_closed_stores_are_not_there(self):
        self.other_store.write({"state": "closed", "state_reason": "Moved."})
        self.assertEqual(self.names(), ["Riverside"])
        for path in (f"/stores/{self.other_store.id}", f"/rooms/{self.other_room.id}"):
            self.assert_problem(self.api("GET", path), 404, "not_found")
        self.assert_problem(self.api("GET", "/stores/2147483647"), 404, "not_found")

    def test_room(self):
        values = self.api("GET", f"/rooms/{self.room_2.id}").json()
        self.assertEqual(values["capacity"], 8)
        self.assertEqual(values["store_id"], self.store.id)

    def test_photo_in_three_sizes(self):
        url = self.api("GET", f"/stores/{self.store.id}").json()["cover"]
        path = url.removeprefix("/teahouse/api/v1")

        response = self.api("GET", path, params={"size": 200})

        self.assertEqual(response.status_code, 200, response.text)
        self.assertTrue(response.headers["Content-Type"].startswith("image/"))
        self.assertIn("public", response.headers["Cache-Control"])
        self.store.write({"state": "closed", "state_reason": "Moved."})
        self.assert_problem(self.api("GET", path), 404, "not_found")
        self.assert_problem(self.api("GET", "/photos/2147483647"), 404, "not_found")
