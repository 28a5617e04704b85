import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .money_common import MoneyCommon

TX = "odoo.addons.payment.models.payment_transaction.PaymentTransaction"
LOGGER = "odoo.addons.payment.models.payment_transaction"


@tagged("post_install", "-at_install", "teahouse_money")
class TestPayments(MoneyCommon):
    def test_payment_confirms_the_booking_and_stands_in_the_books(self):
        booking = self.make_booking(amount=76)
        self.assertEqual(booking._confirm_requirements(), ["payment"])
        self.assertEqual(booking.payment_state, "unpaid")

        tx, params = booking._pay("demo", "mini_program")

        self.assertEqual((tx.state, params), ("done", {}))
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(booking.payment_state, "paid")
        self.assertEqual((booking.amount_paid, booking.amount_due), (76, 0))
        self.assertEqual(tx.payment_id.amount, 76)
        self.assertIn(tx.payment_id.state, ("in_process", "paid"))
        self.assertEqual(self.receivable(booking), -76)

    def test_numbers_suit_the_gateways(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)
        self.report(tx)
        tx._post_process()
        refund = tx._refund_back(1, "test")

        self.assertRegex(tx.reference, r"^BK[0-9A-Z_]{4,30}$")
        self.assertRegex(refund.reference, r"^RF[0-9A-Z_]{4,62}$")

    def test_every_attempt_has_a_number_of_its_own(self):
        booking = self.make_booking()
        first = self.open_attempt(booking)
        second = self.open_attempt(booking)

        self.assertNotEqual(first.reference, second.reference)

    def test_payments_hold_no_contact_data(self):
        self.member.partner_id.write(
            {"email": "lu@example.com", "phone": "13900000077", "street": "Lane 1"}
        )
        tx, _params = self.make_booking()._pay("demo")
        refund = tx._refund_back(1, "test")

        for found in (tx, refund):
            values = found.read(
                ["partner_name", "partner_email", "partner_phone", "partner_address"]
            )[0]
            self.assertFalse([key for key in values if key != "id" and values[key]])

    def test_repeated_notification_changes_nothing(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)

        for _time in range(3):
            self.report(tx)
            tx._post_process()

        payments = self.env["account.payment"].search(
            [("payment_transaction_id", "=", tx.id)]
        )
        self.assertEqual(len(payments), 1)
        self.assertEqual(booking.amount_paid, 76)
        self.assertFalse(tx.child_transaction_ids)

    def test_crash_after_the_payment_is_made_good_by_the_job(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)
        self.report(tx)
        self.assertEqual((tx.state, booking.state), ("done", "hold"))

        with patch.object(self.env.cr, "commit"):
            tx._cron_post_process()

        self.assertEqual(booking.state, "confirmed")
        self.assertTrue(tx.payment_id)

    @mute_logger(LOGGER, "odoo.addons.teahouse_billing.models.payment_transaction")
    def test_wrong_amount_never_becomes_done(self):
        booking = self.make_booking(amount=76)
        tx = self.open_attempt(booking)
        wrong = {"amount": 0.76, "currency_code": self.currency.name}

        with patch(f"{TX}._extract_amount_data", lambda tx, data: data["amounts"]):
            with patch.object(
                type(tx), "_extract_amount_data", lambda tx, data: data["amounts"]
            ):
                for _time in range(3):
                    data = {
                        "reference": tx.reference,
                        "simulated_state": "done",
                        "amounts": wrong,
                    }
                    tx._process("demo", data)
                    self.assertEqual(tx.state, "error")

                right = {**wrong, "amount": 76.0}
                tx._process("demo", {**data, "amounts": right})
        self.assertEqual(tx.state, "done")
        alarms = self.env["teahouse.audit"].search(
            [("action", "=", "payment.wrong_amount"), ("res_id", "=", tx.id)]
        )
        self.assertEqual(len(alarms), 3)

    def test_failed_payment_can_be_tried_again(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)
        with mute_logger(LOGGER):
            self.report(tx, "error")
        self.assertEqual(tx._api_state(), "failed")
        self.assertEqual(booking.state, "hold")

        again, _params = booking._pay("demo")

        self.assertEqual(again.state, "done")
        self.assertEqual(booking.state, "confirmed")

    def test_new_attempt_closes_the_open_one(self):
        booking = self.make_booking()
        first = self.open_attempt(booking)

        booking._pay("demo")

        self.assertEqual(first.state, "cancel")

    def test_payment_that_just_came_in_is_found_before_a_new_one(self):
        booking = self.make_booking()
        first = self.open_attempt(booking)
        model = self.registry["payment.transaction"]
        with (
            patch.object(model, "_demo_sync", lambda tx: self.report(tx), create=True),
            self.assert_code("invalid_state"),
        ):
            booking._pay("demo")

        self.assertEqual(first.state, "done")
        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(booking.transaction_ids, first)

    def test_open_attempt_is_closed_at_the_provider(self):
        booking = self.make_booking()
        first = self.open_attempt(booking)
        closed = []
        model = self.registry["payment.transaction"]
        with patch.object(
            model, "_demo_close", lambda tx: closed.append(tx), create=True
        ):
            booking._pay("demo")

        self.assertEqual(closed, [first])
        self.assertEqual(first.state, "cancel")

    def test_counter_takes_nothing_that_the_phone_has_just_paid(self):
        booking = self.make_booking()
        self.open_attempt(booking)
        journal = self.env["account.journal"].search(
            [("type", "=", "cash"), ("company_id", "=", booking.company_id.id)], limit=1
        )
        model = self.registry["payment.transaction"]
        with patch.object(model, "_demo_sync", lambda tx: self.report(tx), create=True):
            with self.assertRaises(UserError):
                booking._register_counter(journal, 76)

        # The refusal undoes the look at the provider as well; its job looks again.
        self.assertFalse(booking.counter_payment_ids)

    def test_gateway_hears_scene_payer_and_deadline(self):
        booking = self.make_booking()
        provider = booking._provider("demo")
        tx = booking._create_transaction(provider, "wechat")
        heard = []

        def values(tx, _values):
            heard.append({key: tx.env.context[key] for key in keys})
            return {"pay_params": {"package": "prepay_id=1"}}

        keys = ("payment_scene", "payment_payer", "payment_expires_at")
        model = self.registry["payment.transaction"]
        with (
            patch.object(model, "_get_specific_processing_values", values),
            patch.object(model, "_is_instant", lambda tx: False),
        ):
            params = tx._start("mini_program", {"openid": "o"})

        self.assertEqual(params, {"package": "prepay_id=1"})
        self.assertEqual(
            heard,
            [
                dict(
                    zip(
                        keys,
                        ("mini_program", {"openid": "o"}, booking.hold_expires_at),
                        strict=True,
                    )
                )
            ],
        )

    def test_what_was_paid_twice_goes_back(self):
        booking = self.make_booking()
        first = self.open_attempt(booking)
        booking._pay("demo")

        self.report(first)
        first._post_process()

        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(booking.amount_paid, 76)
        self.assertEqual(booking.amount_refunded, 76)
        self.assertEqual(self.receivable(booking), -76)

    def test_late_money_takes_a_slot_that_is_still_free(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)
        booking._expire()
        self.assertEqual(tx.state, "cancel")

        self.report(tx)
        tx._post_process()

        self.assertEqual(booking.state, "confirmed")
        self.assertEqual(booking.payment_state, "paid")

    @mute_logger("odoo.sql_db")
    def test_late_money_for_a_taken_slot_goes_back(self):
        booking = self.make_booking()
        tx = self.open_attempt(booking)
        booking._expire()
        other = self.make_booking(member=self.member_2)

        self.report(tx)
        tx._post_process()

        self.assertEqual(booking.state, "expired")
        self.assertEqual(booking.payment_state, "refunded")
        self.assertEqual(tx.child_transaction_ids.mapped("amount"), [-76])
        self.assertEqual(self.receivable(booking), 0)
        self.assertEqual(other.state, "hold")

    def test_lapsed_hold_cannot_be_paid(self):
        booking = self.make_booking()
        booking.hold_expires_at = fields.Datetime.now() - timedelta(minutes=1)

        with self.assert_code("invalid_state"):
            booking._pay("demo")

    def test_nothing_due_is_not_paid(self):
        with self.assert_code("invalid_state"):
            self.make_paid()._pay("demo")

    def test_demonstration_needs_leave(self):
        booking = self.make_booking()
        for setting in (False, None, "", "False", "0", "no"):
            with self.subTest(setting=setting):
                options = {"teahouse_allow_demo_payment": setting}
                with patch.dict(config.options, options):
                    with self.assert_code("forbidden"):
                        booking._pay("demo")

    def test_method_that_is_not_offered(self):
        with self.assert_code("invalid_request"):
            self.make_booking()._pay("wechat")


@tagged("post_install", "-at_install", "teahouse_money")
class TestRefunds(MoneyCommon):
    def test_refund_cannot_exceed_the_payment(self):
        tx, _params = self.make_booking(amount=53)._pay("demo")
        tx._refund_back(50, "test")

        with self.assertRaises(UserError):
            tx._refund(3.01)
        tx._refund_back(3, "test")

        self.assertEqual(tx._refundable(), 0)

    def test_refund_overtakes_the_job_that_books_the_payment(self):
        """Cancelled between the notification and its job: both stand in the books."""
        booking = self.make_booking(amount=76)
        tx = self.open_attempt(booking)
        self.report(tx)
        self.assertFalse(tx.payment_id)

        refund = tx._refund_back(76, "test")
        if refund.state != "done":
            refund._set_done()
            refund._post_process()
        tx._post_process()

        self.assertEqual(tx.payment_id.amount, 76)
        self.assertEqual(len(tx.payment_id | refund.payment_id), 2)
        self.assertEqual(self.receivable(booking), 0)

    def test_failed_refund_counts_not(self):
        tx, _params = self.make_booking(amount=53)._pay("demo")
        refund = tx._create_child_transaction(53, is_refund=True)
        self.assertEqual(tx.teahouse_booking_id.amount_paid, 0)
        with mute_logger(LOGGER):
            refund._set_error("no")

        self.assertEqual(tx._refundable(), 53)
        self.assertEqual(tx.teahouse_booking_id.amount_paid, 53)

    def test_newest_payment_goes_back_first(self):
        booking = self.make_paid(amount=50)
        self.charge(booking, 30, "goods")
        booking._pay("demo")
        old, new = booking.transaction_ids.sorted("id")

        booking._refund_amount(45, "test")

        self.assertEqual(new._refundable(), 0)
        self.assertEqual(old._refundable(), 35)

    def test_refund_by_a_gateway_is_sent_by_the_job(self):
        tx, _params = self.make_booking()._pay("demo")
        with patch.object(type(tx), "_is_local", lambda tx: False):
            refund = tx._refund_back(10, "test")
            self.assertEqual(refund.state, "draft")
            self.assertEqual(tx.teahouse_booking_id.amount_paid, 66)

            with self.enter_registry_test_mode():
                self.env.ref(
                    "teahouse_billing.cron_send_refunds"
                ).method_direct_trigger()

        self.assertEqual(refund.state, "done")
        self.assertTrue(refund.payment_id)


@tagged("post_install", "-at_install", "teahouse_money")
class TestParallelRefunds(MoneyCommon):
    """Two refunds at the same time, in transactions of their own."""

    def setUp(self):
        super().setUp()
        self.cursors = self.registry._db.cursor
        with self.cursors() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            partner = env["res.partner"].create({"name": "parallel"})
            tx = env["payment.transaction"].create(
                {
                    "provider_id": self.provider.id,
                    "payment_method_id": self.provider.payment_method_ids[:1].id,
                    "reference": "BKPARALLEL",
                    "amount": 53,
                    "currency_id": self.currency.id,
                    "partner_id": partner.id,
                    "operation": "online_direct",
                    "state": "done",
                    "is_post_processed": True,
                }
            )
            self.ids = tx.id, partner.id
        self.addCleanup(self.remove)

    def remove(self):
        with self.cursors() as cr:
            cr.execute(
                "DELETE FROM payment_transaction WHERE id = %s OR "
                "source_transaction_id = %s",
                [self.ids[0], self.ids[0]],
            )
            cr.execute("DELETE FROM res_partner WHERE id = %s", [self.ids[1]])

    @mute_logger("odoo.sql_db")
    def test_one_of_two_parallel_refunds_wins(self):
        outcomes = []
        barrier = threading.Barrier(2, timeout=20)

        def refund():
            with self.cursors() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                tx = env["payment.transaction"].browse(self.ids[0])
                tx.state  # noqa: B018 - the snapshot is taken before the other's
                barrier.wait()
                try:
                    tx._create_child_transaction(40, is_refund=True)
                    cr.commit()  # pylint: disable=invalid-commit
                    outcomes.append("done")
                except Exception as error:
                    cr.rollback()
                    outcomes.append(type(error).__name__)

        threads = [threading.Thread(target=refund) for _number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

        self.assertEqual(sorted(outcomes), ["SerializationFailure", "done"])
