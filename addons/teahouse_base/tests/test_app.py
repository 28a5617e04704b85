"""The mobile app's page: what it brings along, and what it must not."""

import gzip
import json
import re

from odoo.tests import HttpCase, tagged
from odoo.tools import file_open

from ..api.problem import CODES
from .common import TeahouseCommon

#: First view on a phone's net.
MOST_BYTES = 400 * 1000


@tagged("post_install", "-at_install")
class TestApp(TeahouseCommon, HttpCase):
    def page(self, **options):
        return self.url_open("/teahouse/app?lang=en", **options)

    def session_info(self):
        found = re.search(r"__session_info__: (\{.*\}),\n", self.page().text)
        return json.loads(found[1].replace("&#34;", '"'))

    def test_code_and_style_are_small(self):
        """With all addons of the database that add screens."""
        self.page()
        bundle = self.env["ir.qweb"]._get_asset_bundle("teahouse_base.app_assets")
        sizes = [
            len(gzip.compress(attachment.raw))
            for attachment in (bundle.js(), bundle.css())
        ]
        self.assertLess(sum(sizes), MOST_BYTES)

    def test_the_page_names_all_that_the_first_screen_waits_for(self):
        """Code, style and words are fetched together; then the stores: two steps."""
        page = self.page().text
        terms = self.session_info()["terms"]
        preloads = re.findall(r'<link[^>]*rel="preload"[^>]*>', page)
        self.assertIn(terms.replace("&", "&amp;"), "".join(preloads))
        words = self.url_open(terms).json()["modules"]
        self.assertIn("teahouse_base", words)

    def test_words_are_kept_until_they_change(self):
        before = self.session_info()["terms"]
        answer = self.url_open(before)
        self.assertIn("max-age", answer.headers["Cache-Control"])
        self.patch(
            type(self.env["ir.http"]),
            "_get_web_translations_hash",
            lambda *_args: "other words",
        )
        self.assertNotEqual(self.session_info()["terms"], before)

    def test_maps_come_from_where_the_settings_say(self):
        params = self.env["ir.config_parameter"]
        params.set_param("teahouse_base.map_tiles", "https://tiles.test/{z}/{x}/{y}")
        params.set_param("teahouse_base.map_system", "gcj02")
        shown = self.session_info()["map"]
        self.assertEqual(shown["address"], "https://tiles.test/{z}/{x}/{y}")
        self.assertEqual(shown["system"], "gcj02")

    def test_ways_to_sign_in_are_named_without_their_secrets(self):
        self.env["teahouse.platform.app"].search([]).active = False
        self.assertEqual(self.session_info()["platforms"], {})
        self.env["teahouse.platform.app"].create(
            [
                {"kind": "official_account", "app_id": "wx-oa", "secret": "hush"},
                {"kind": "mini_program", "app_id": "wx-mini", "secret": "hush"},
            ]
        )
        self.assertEqual(
            self.session_info()["platforms"], {"official_account": "wx-oa"}
        )
        self.assertNotIn("hush", self.page().text)

    def test_plain_links_lead_to_screens(self):
        answer = self.url_open("/teahouse/app/bookings/7K2M?a=1", allow_redirects=False)
        self.assertTrue(
            answer.headers["Location"].endswith("/teahouse/app#/bookings/7K2M")
        )

    def test_the_app_can_be_put_on_the_home_screen(self):
        manifest = self.url_open("/teahouse/app/manifest.webmanifest").json()
        self.assertEqual(manifest["start_url"], "/teahouse/app")
        self.assertEqual(manifest["display"], "standalone")
        sizes = {icon["sizes"] for icon in manifest["icons"]}
        self.assertEqual(sizes, {"192x192", "512x512"}, "as browsers ask for")
        for icon in manifest["icons"]:
            self.assertEqual(self.url_open(icon["src"]).status_code, 200)

    def test_every_code_of_the_contract_has_words(self):
        with file_open("teahouse_base/static/src/app/core/errors.js") as file:
            found = re.search(r"const words = \{(.*?)\n    \};", file.read(), re.DOTALL)
        told = re.findall(r"^ +(\w+): _t\(", found[1], re.MULTILINE)
        self.assertEqual(set(told), {*CODES, "no_network"})
