import json
import re
from typing import Literal

from odoo.tests import tagged

from odoo.addons.teahouse_base.api import Schema, extend_schema, openapi
from odoo.addons.teahouse_base.api import schema as schemas
from odoo.addons.teahouse_base.controllers.schemas import StoreQuery

from .api_probe import Extended, ProbeController
from .test_api_frame import ApiFrameCommon


@tagged("post_install", "-at_install")
class TestDocument(ApiFrameCommon):
    def setUp(self):
        super().setUp()
        response = self.api("GET", "/openapi.json")
        self.assertEqual(response.status_code, 200, response.text)
        self.document = response.json()

    def operations(self):
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                yield method, path, operation

    def test_it_is_openapi_and_always_the_same(self):
        self.assertEqual(self.document["openapi"], "3.1.0")
        self.env.registry.clear_cache("routing")
        self.assertEqual(self.api("GET", "/openapi.json").json(), self.document)

    def test_every_reference_leads_somewhere(self):
        text = json.dumps(self.document)
        for name in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
            self.assertIn(name, self.document["components"]["schemas"])

    def test_operations_are_complete(self):
        names = set()
        for method, path, operation in self.operations():
            with self.subTest(method=method, path=path):
                self.assertTrue(operation["summary"])
                self.assertTrue(operation["tags"])
                self.assertIn("422", operation["responses"])
                self.assertIn("500", operation["responses"])
                public = {} in operation["security"]
                self.assertEqual(
                    "401" in operation["responses"],
                    not public or (path == "/auth/sessions"),
                )
                inside = re.findall(r"{(\w+)}", path)
                given = [
                    p["name"] for p in operation["parameters"] if p["in"] == "path"
                ]
                self.assertEqual(inside, given)
                names.add(operation["operationId"])
        self.assertEqual(len(names), len(list(self.operations())))

    def test_routes_of_this_addon_are_there_and_no_test_routes(self):
        paths = self.document["paths"]
        for path, method in (
            ("/auth/sms-codes", "post"),
            ("/auth/sessions", "post"),
            ("/auth/sessions/{session_id}", "delete"),
            ("/me", "patch"),
            ("/me/preferences", "get"),
            ("/uploads", "post"),
            ("/stores", "get"),
            ("/stores/{store_id}", "get"),
            ("/rooms/{room_id}", "get"),
        ):
            self.assertIn(method, paths[path])
        self.assertFalse([path for path in paths if path.startswith("/probe")])

    def test_queries_are_parameters(self):
        listed = self.document["paths"]["/stores"]["get"]["parameters"]
        by_name = {p["name"]: p for p in listed}
        self.assertEqual(by_name["limit"]["schema"]["maximum"], 100)
        self.assertEqual(by_name["lat"]["schema"]["type"], "number")
        self.assertNotIn("StoreQuery", self.document["components"]["schemas"])

    def test_page_to_read_stands_alone(self):
        response = self.api("GET", "/docs")

        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.headers["Content-Type"].startswith("text/html"))
        self.assertIn("/auth/sms-codes", response.text)
        self.assertIn("slot_taken", response.text)
        self.assertNotIn("<script", response.text)
        self.assertFalse(re.findall(r"(?:src|href)=\"https?://", response.text))


class Base(Schema):
    inner: Extended
    many: list[Extended] | None = None


class Heir(Extended):
    own: int


@tagged("post_install", "-at_install")
class TestExtension(ApiFrameCommon):
    def test_extended_fields_are_known_while_their_addon_is_installed(self):
        response = self.api("POST", "/probe/extended", {"name": "a", "more": 2})
        self.assertEqual(response.json(), {"fields": ["more", "name"]})

    def test_without_the_addon_the_field_is_unknown(self):
        plain = schemas.for_modules(Extended, set())
        self.assertEqual(set(plain.model_fields), {"name"})
        full = schemas.for_modules(Extended, {"teahouse_base", "web"})
        self.assertEqual(set(full.model_fields), {"name", "more"})
        self.assertTrue(issubclass(full, Extended))
        self.assertIs(full, schemas.for_modules(Extended, {"teahouse_base"}))

    def test_schemas_within_schemas_are_extended(self):
        full = schemas.for_modules(Base, {"teahouse_base"})
        value = full.model_validate({"inner": {"name": "a", "more": 1}, "many": None})
        self.assertEqual(value.inner.more, 1)
        value = full.model_validate(
            {"inner": {"name": "a"}, "many": [{"name": "b", "more": 3}]}
        )
        self.assertEqual(value.many[0].more, 3)
        paged = schemas.for_modules(schemas.Page[Extended], {"teahouse_base"})
        value = paged.model_validate({"items": [{"name": "b", "more": 3}]})
        self.assertEqual(value.items[0].more, 3)

    def test_heirs_of_an_extended_schema_are_extended(self):
        full = schemas.for_modules(Heir, {"teahouse_base"})
        self.assertEqual(set(full.model_fields), {"name", "more", "own"})
        self.assertEqual(full.model_validate({"name": "a", "own": 1}).more, 0)

    def test_choices_of_several_addons_add_up(self):
        class ByRating:
            sort: Literal["distance", "rating"] | None = None

        class ByPrice:
            sort: Literal["price"] | None = None

        known = list(schemas._extensions.get(StoreQuery, ()))
        try:
            for plain in (ByRating, ByPrice):
                extend_schema(StoreQuery)(plain)
            full = schemas.for_modules(StoreQuery, {"teahouse_base"})
            for sort in ("name", "rating", "price"):
                self.assertEqual(full.model_validate({"sort": sort}).sort, sort)
            self.assertIsNone(full.model_validate({}).sort)
            with self.assertRaises(ValueError):
                full.model_validate({"sort": "colour"})
        finally:
            schemas._extensions[StoreQuery] = known
            schemas.resolve.cache_clear()

    def test_the_document_shows_what_is_installed(self):
        declared = ProbeController.probe_extended.original_routing["teahouse"]
        routes = [("probe_extended", declared)]
        for modules, fields in (
            ({"teahouse_base"}, {"name", "more"}),
            (set(), {"name"}),
        ):
            document = openapi.build(routes, modules, "1")
            shown = document["components"]["schemas"]["Extended"]["properties"]
            self.assertEqual(set(shown), fields)


@tagged("post_install", "-at_install")
class TestHotRoute(ApiFrameCommon):
    def test_authentication_costs_one_query(self):
        token = self.make_token(self.member)
        self.api("GET", "/probe/hot", token=token)
        self.env.flush_all()
        self.env.invalidate_all()

        identify = self.env["teahouse.session"]._identify
        with self.assertQueryCount(1):
            identity = identify(token)
        self.assertEqual(identity.member_id, self.member.id)

    def test_a_look_of_a_member_costs_one_query(self):
        token = self.make_token(self.member)
        self.api("GET", "/probe/hot", token=token)
        self.env.flush_all()

        with self.assertQueryCount(1):
            response = self.api("GET", "/probe/hot", token=token)
        self.assertEqual(response.status_code, 200)
