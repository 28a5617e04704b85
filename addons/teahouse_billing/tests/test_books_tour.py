from odoo.tests import HttpCase, tagged

from .test_books_reports import BooksCommon


@tagged("post_install", "-at_install", "teahouse_books")
class TestBooksTour(BooksCommon, HttpCase):
    """A day of the accountant, and one of the owner, in the browser."""

    def setUp(self):
        super().setUp()
        # Steps look for English words.
        (self.user_accountant | self.user_owner).lang = "en_US"

    def test_accountant_day(self):
        self.make_ended(76.0)
        self.start_tour(
            "/odoo/action-teahouse_booking.teahouse_booking_action",
            "teahouse_accountant_day",
            login=self.user_accountant.login,
        )
        expense = self.env["teahouse.expense"].search([("name", "=", "Power in June")])
        self.assertEqual((expense.amount, expense.state), (1860.5, "posted"))

    def test_owner_writes_prices(self):
        self.env["teahouse.tariff"].search([]).active = False
        self.start_tour(
            "/odoo/action-teahouse_booking.teahouse_booking_action",
            "teahouse_owner_tariff",
            login=self.user_owner.login,
        )
        tariff = self.env["teahouse.tariff"].search([("name", "=", "House hours")])
        self.assertEqual(tariff.band_ids.mapped("price_hour"), [38, 58])
