"""Fixtures: tiers, and members who spend."""

from odoo.addons.teahouse_base.tests.common import TeahouseCommon


class MarketingCommon(TeahouseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Tiers of demo data would be reached too.
        cls.env["teahouse.tier"].search([]).active = False
        cls.tier_green, cls.tier_oolong = cls.env["teahouse.tier"].create(
            [
                {"name": "Green", "growth_from": 100, "discount_percent": 2},
                {
                    "name": "Oolong",
                    "growth_from": 1000,
                    "discount_percent": 5,
                    "extra_horizon_days": 10,
                },
            ]
        )
