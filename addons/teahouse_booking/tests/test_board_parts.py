"""Tests of the room board's geometry and memory, which are written in JavaScript."""

from odoo.tests import HttpCase, tagged

from odoo.addons.teahouse_base.tests.app_parts import AppParts


@tagged("post_install", "-at_install", "browser")
class TestBoardParts(AppParts, HttpCase):
    browser_size = "1366x768"
    bundle = "teahouse_booking.board_unit_tests"

    def test_parts(self):
        self.run_parts()
