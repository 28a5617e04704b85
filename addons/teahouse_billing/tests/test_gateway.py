from contextlib import suppress
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import config

from .money_common import MoneyCommon


class Outside:
    """What a provider outside would do, for the demonstration's code.

    :param registry: whose transactions it serves
    """

    def __init__(self, case):
        self.case = case
        self.heard = []
        self.paid = False
        self.refuses = None

    def start(self, tx, _values):
        self.heard.append("start")
        if self.refuses:
            raise ValidationError(self.refuses)
        return {"pay_params": {"number": tx.reference}}

    def sync(self, tx):
        self.heard.append("sync")
        if self.paid:
            self.case.report(tx)

    def close(self, tx):
        self.heard.append("close")
        tx._set_canceled()

    def commit(self):
        self.heard.append("commit")
        self.case.env.flush_all()
        self.case.env.invalidate_all()


@tagged("post_install", "-at_install", "teahouse_money")
class TestGateway(MoneyCommon):
    """Providers outside are asked with nothing locked, after what is wanted is kept."""

    def setUp(self):
        super().setUp()
        self.outside = outside = Outside(self)
        model = self.registry["payment.transaction"]
        for name, method in {
            "_is_local": lambda tx: False,
            "_is_instant": lambda tx: False,
            "_get_specific_processing_values": outside.start,
            "_demo_sync": outside.sync,
            "_demo_close": outside.close,
        }.items():
            self.patch_method(model, name, method)
        self.startPatcher(patch.object(self.env.cr, "commit", outside.commit))
        self.cron = self.env.ref("teahouse_billing.cron_close_attempts")

    def patch_method(self, model, name, method):
        def call(tx, *args):
            return method(tx, *args)

        self.startPatcher(patch.object(model, name, call, create=True))

    def close_job(self):
        self.env["payment.transaction"]._cron_close_attempts()

    def test_attempt_is_kept_before_the_provider_hears_of_it(self):
        tx, params = self.make_booking()._pay("demo", "h5")

        self.assertEqual(params, {"number": tx.reference})
        self.assertEqual(self.outside.heard, ["commit", "start", "commit"])

    def test_same_wish_goes_on_with_its_attempt(self):
        booking = self.make_booking()
        first, _params = booking._pay("demo", "h5", "wish")
        again, params = booking._pay("demo", "h5", "wish")
        other, _params = booking._pay("demo", "h5", "another wish")

        self.assertEqual(again, first)
        self.assertEqual(params, {"number": first.reference})
        self.assertNotEqual(other, first)
        self.assertEqual(first.state, "cancel")
        self.assertEqual(booking.transaction_ids, first | other)

    def test_wish_that_was_paid_asks_for_nothing_more(self):
        booking = self.make_booking()
        first, _params = booking._pay("demo", "h5", "wish")
        self.report(first)
        again, params = booking._pay("demo", "h5", "wish")

        self.assertEqual((again, params), (first, {}))
        self.assertEqual(booking.state, "confirmed")

    def test_attempt_that_cannot_begin_is_given_up(self):
        booking = self.make_booking()
        self.outside.refuses = "sign in first"
        # Not assertRaises, which would undo what was kept.
        with suppress(ValidationError):
            booking._pay("demo", "h5", "wish")
            self.fail("It began.")

        self.assertTrue(booking.transaction_ids.teahouse_closing)
        again, params = booking._pay("demo", "h5", "wish")
        self.assertEqual((again, params), (booking.transaction_ids, {}))

    def test_nobody_outside_is_asked_while_the_room_is_locked(self):
        booking = self.make_booking()
        tx, _params = booking._pay("demo", "h5")
        self.outside.heard.clear()
        booking._expire()

        self.assertEqual(self.outside.heard, [])
        self.assertEqual((tx.state, tx.teahouse_closing), ("draft", True))

        self.close_job()
        self.assertIn("close", self.outside.heard)
        self.assertEqual((tx.state, tx.teahouse_closing), ("cancel", False))
        self.assertEqual(booking.state, "expired")

    def test_settling_asks_nobody_and_finds_late_money_later(self):
        booking = self.make_booking()
        tx, _params = booking._pay("demo", "h5")
        self.report(tx)
        tx._post_process()
        self.charge(booking, 20, "goods")
        extra, _params = booking._pay("demo", "h5")
        self.outside.heard.clear()
        self.end_use(booking)
        self.assertEqual(self.outside.heard, [])
        self.assertEqual(
            (booking.settlement_state, booking.amount_due), ("settled", 20)
        )

        self.outside.paid = True
        self.close_job()

        self.assertEqual((extra.state, booking.amount_due), ("done", 0))
        self.assertEqual(self.receivable(booking), 0)

    def test_order_made_while_its_attempt_was_given_up_is_closed_too(self):
        booking = self.make_booking()

        def start(tx, _values):
            tx._set_canceled()
            return {"pay_params": {"number": tx.reference}}

        with patch.object(self.outside, "start", start):
            model = self.registry["payment.transaction"]
            with patch.object(model, "_get_specific_processing_values", start):
                tx, _params = booking._pay("demo", "h5")
        self.assertTrue(tx.teahouse_closing)
        self.close_job()

        self.assertEqual(self.outside.heard[-2:], ["close", "commit"])
        self.assertEqual((tx.state, tx.teahouse_closing), ("cancel", False))

    def test_counter_asks_before_it_takes_money(self):
        booking = self.make_booking()
        tx, _params = booking._pay("demo", "h5")
        journal = self.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", booking.company_id.id)], limit=1
        )
        booking._register_counter(journal, 76)

        self.assertEqual(tx.state, "cancel")
        self.assertEqual(booking.state, "confirmed")

    def test_payer_is_known_by_the_identity_of_the_application(self):
        self.env["teahouse.identity"].create(
            [
                {
                    "member_id": self.member.id,
                    "provider": "wechat",
                    "app_id": app_id,
                    "subject": f"openid of {app_id}",
                }
                for app_id in ("wx-other", "wx-mini")
            ]
        )
        booking = self.make_booking().with_user(self.member.user_id).sudo()
        tx = self.open_attempt(booking)
        provider = self.registry["payment.provider"]
        with (
            patch.object(type(tx), "provider_code", "wechatpay"),
            patch.object(
                provider, "_wechatpay_app_id", lambda *args: "wx-mini", create=True
            ),
        ):
            values = booking._payer_values(tx, "mini_program")

        self.assertEqual(values, {"openid": "openid of wx-mini"})
        self.assertEqual(booking._payer_values(tx), {})

    def test_the_leave_of_the_configuration_counts_here_too(self):
        with patch.dict(config.options, {"teahouse_allow_demo_payment": ""}):
            with self.assert_code("forbidden"):
                self.make_booking()._pay("demo")
        self.assertEqual(self.outside.heard, [])


@tagged("post_install", "-at_install", "teahouse_money")
class TestGuestsMoney(MoneyCommon):
    def test_friends_see_nothing_of_what_the_booker_pays(self):
        booking = self.make_paid()
        booker = booking.with_user(self.member.user_id)._api_values()
        self.env["teahouse.participant"].create(
            {"booking_id": booking.id, "member_id": self.member_2.id, "role": "guest"}
        )
        friend = booking.with_user(self.member_2.user_id)._api_values()

        self.assertEqual(booker["amount_paid"], "76.00")
        self.assertEqual(friend["role"], "guest")
        self.assertEqual((friend["lines"], friend["payment_methods"]), ([], []))
        for name in booker:
            if name.startswith(("amount", "payment_s", "settlement", "currency")):
                self.assertIsNone(friend[name], name)
        self.assertNotIn("76.00", str(friend))
