"""Tests of the app's own components, in a browser: base, booking, billing, here."""

from odoo.tests import HttpCase, tagged

from odoo.addons.teahouse_base.tests.app_parts import AppParts


@tagged("post_install", "-at_install")
class TestAppParts(AppParts, HttpCase):
    def test_components(self):
        self.run_parts()
