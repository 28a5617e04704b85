"""Races of the marketing chapter: real transactions, with all hooks in place."""

from unittest.mock import patch

from odoo.addons.teahouse_booking.tests.race import RaceCase


class MarketingRace(RaceCase):
    def setUp(self):
        where = "odoo.addons.teahouse_booking.tests.race.without_upper_addons"
        with patch(where, lambda case, registry: None):
            super().setUp()

    def member(self, env, number=0):
        return env["teahouse.member"].browse(self.ids["members"][number])
