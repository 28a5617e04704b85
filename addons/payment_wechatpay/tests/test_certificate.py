from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WechatpayCommon
from .fake_wechatpay import certificate, encrypted, key_pair

OLD, NEW, NEXT = 0x5A01, 0x5A02, 0x5A03
CLIENT = "odoo.addons.payment_wechatpay.tools.wechatpay_client"
MODEL = "odoo.addons.payment_wechatpay.models.payment_wechatpay_certificate"
PROVIDER = "odoo.addons.payment_wechatpay.models.payment_provider"


@tagged("post_install", "-at_install")
class TestCertificate(WechatpayCommon):
    """WeChat Pay changes its certificate, and nobody has to do anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = datetime.now(UTC).replace(microsecond=0)
        cls.pems = {
            OLD: cls._pem("old", OLD, -1800, 5),
            NEW: cls._pem("new", NEW, -1, 1800),
            NEXT: cls._pem("next", NEXT, 3, 1800),
        }
        cls.provider.write(
            {
                "wechatpay_platform_serial": f"{OLD:X}",
                "wechatpay_platform_key": cls.pems[OLD],
            }
        )
        cls.certificates = cls.env["payment.wechatpay.certificate"]

    @classmethod
    def _pem(cls, name, serial, since, until):
        since, until = (cls.now + timedelta(days=days) for days in (since, until))
        return certificate(name, serial, since, until)

    def setUp(self):
        super().setUp()
        self._sign("old", OLD)
        self._deliver(OLD, NEW, NEXT)

    def _sign(self, name, serial):
        self.fake.signs_with = (name, f"{serial:X}")

    def _deliver(self, *serials, **options):
        self.fake.certificates = [
            encrypted(self.pems[serial], serial, **options) for serial in serials
        ]

    def _job(self):
        with patch.object(self.env.cr, "commit"):
            self.certificates._cron_fetch()

    def test_old_and_new_count_beside_each_other(self):
        self._job()
        self._job()
        self.assertEqual(
            sorted(self.provider.wechatpay_certificate_ids.mapped("serial")),
            [f"{OLD:X}", f"{NEW:X}", f"{NEXT:X}"],
        )
        for name, serial in (("old", OLD), ("new", NEW)):
            self._sign(name, serial)
            tx = self._new_tx()
            self.fake.pay(tx.reference)
            status, _why = self._receive(self.fake.payment_notification(tx.reference))
            self.assertEqual((status, tx.state), (204, "done"))

    @mute_logger(PROVIDER)
    def test_what_is_not_valid_yet_or_any_more_is_refused(self):
        self._job()
        old = self.certificates.search([("serial", "=", f"{OLD:X}")])
        old.valid_until = old.create_date - timedelta(days=1)
        tx = self._new_tx(create=False)
        self._sign("new", NEW)
        self._pay_params(tx)
        self.fake.pay(tx.reference)
        calls = len(self.fake.calls)
        for name, serial in (("old", OLD), ("next", NEXT), ("stranger", 0x77)):
            self._sign(name, serial)
            message = self.fake.payment_notification(tx.reference)
            self.assertEqual(self._receive(message)[0], 401)
        # An unknown serial makes nobody ask for certificates.
        self.assertEqual(len(self.fake.calls), calls)
        self.assertEqual(tx.state, "draft")

    def test_a_change_that_was_slept_through_is_caught_up(self):
        self._sign("new", NEW)
        self.provider.action_wechatpay_fetch_certificates()
        self.assertIn("code_url", self._pay_params(self._new_tx(create=False)))

    @mute_logger(CLIENT, MODEL)
    def test_certificates_of_others_are_not_taken(self):
        self._deliver(NEW, key="f" * 32)
        self._job()
        # Named otherwise than it is, though encrypted with the key.
        self.fake.certificates = [encrypted(self.pems[NEW], NEXT)]
        self._job()
        self.fake.certificates = [{"serial_no": "1"}]
        self._job()
        # Signed by a stranger: what it delivered counts for nothing.
        self._deliver(NEW)
        self._sign("stranger", NEW)
        self._job()
        self.fake.faults = ["500"]
        self._job()
        self.assertFalse(self.provider.wechatpay_certificate_ids)
        with self.assertRaises(UserError):
            self.provider.action_wechatpay_fetch_certificates()

    def test_nothing_is_fetched_where_a_public_key_is_used(self):
        self.provider.write(
            {
                "wechatpay_platform_serial": "PUB_KEY_ID_0000000001",
                "wechatpay_platform_key": key_pair("platform")[2],
            }
        )
        self._job()
        self.assertEqual(self.fake.calls, [])
        self.assertFalse(self.provider.wechatpay_by_certificate)

    @mute_logger(MODEL)
    def test_what_ran_out_is_forgotten_and_told_before(self):
        self._deliver(OLD)
        with self.assertLogs(MODEL, "ERROR"):
            self._job()
        old = self.provider.wechatpay_certificate_ids
        old.valid_until -= timedelta(days=60)
        self.certificates._gc_expired()
        self.assertFalse(old.exists())

    def test_for_administrators_only(self):
        self._job()
        for user in (self.internal_user, self.portal_user):
            with self.assertRaises(AccessError):
                self.certificates.with_user(user).search([])
            with self.assertRaises(AccessError):
                self.provider.with_user(user).action_wechatpay_fetch_certificates()
