from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .tariff_common import TariffCommon


@tagged("post_install", "-at_install")
class TestTariffStart(TariffCommon):
    """First prices from a template: one number, and the usual rest."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tariff.active = False

    def start(self, template="pieces", user=None, **values):
        env = self.env(user=user or self.user_manager)
        form = Form(env["teahouse.tariff.start"])
        form.template = template
        form.store_ids.add(self.store.with_env(env))
        for name, value in values.items():
            form[name] = value
        action = form.save().action_create()
        return env["teahouse.tariff"].search(action["domain"])

    def cheapest(self, start, end):
        """Return what a stay costs; one that ends before it begins ends next day."""
        day = self.day + timedelta(days=end < start)
        offers = self.env["teahouse.tariff"]._quote(
            self.room, self.at(start), self.at(end, day), None, None
        )
        return float(min(offer.amount for offer in offers))

    def test_a_guest_pays_by_them_at_once(self):
        tariffs = self.start(price_day=40)
        kinds = sorted(tariffs.mapped("kind"))
        self.assertEqual(kinds, ["hourly", "package", "session"])
        for start, end, amount in (
            ("14:00", "16:00", 80),
            ("17:00", "19:00", 100),
            ("06:00", "08:00", 60),
            ("09:00", "13:00", 140),
            ("22:00", "08:00", 180),
        ):
            self.assertEqual(self.cheapest(start, end), amount, start)

    def test_what_the_owner_changed_stays(self):
        tariffs = self.start("times", price_day=40, price_night=15)
        self.assertEqual(tariffs.band_ids.mapped("price_hour"), [40, 60, 15])
        self.assertEqual(self.cheapest("06:00", "08:00"), 30)

    def test_one_price_around_the_clock(self):
        self.start("plain", price_day=45)
        self.assertEqual(self.cheapest("22:00", "08:00"), 450)

    def test_staff_make_no_prices(self):
        with self.assertRaises(AccessError):
            self.start(user=self.user_staff)
