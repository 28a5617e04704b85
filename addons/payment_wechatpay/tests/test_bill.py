from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.payment_cn_common.tools.gateway import GatewayRejected, GatewayUnknown

from ..tools.wechatpay_bill import UnreadableBill, read_bill, read_flow
from . import fake_bill
from .common import WechatpayCommon
from .fake_wechatpay import Refusal


class TestReading(BaseCase):
    def test_payments_and_refunds(self):
        lines = [
            fake_bill.payment_line("BK1", 12500),
            fake_bill.refund_line("RFBK1", "BK1", 2600, "PROCESSING"),
            fake_bill.refund_line("RFBK2", "BK1", 100, "FAIL"),
        ]
        for packed in (True, False):
            found = read_bill(fake_bill.bill(lines, packed))
            shown = [(e["kind"], e["reference"], e["amount"]) for e in found]
            self.assertEqual(
                shown,
                [
                    ("payment", "BK1", Decimal("125.00")),
                    ("refund", "RFBK1", Decimal("-26.00")),
                ],
            )
            self.assertEqual(found[0]["fee"], Decimal("0.75"))
            self.assertEqual(found[0]["at"].utcoffset(), timedelta(hours=8))

    def test_what_is_no_whole_bill(self):
        whole = fake_bill.bill([fake_bill.payment_line("BK1", 12500)], packed=False)
        lines = whole.decode().splitlines(keepends=True)
        packed = fake_bill.bill([fake_bill.payment_line("BK1", 12500)])
        for content in (
            b"",
            b"PK\x03\x04",
            b"\xff\xfe\x00",
            packed[:-9],
            lines[0].encode(),
            "".join([*lines[:2], lines[1], *lines[2:]]).encode(),
            "".join(lines[:-1]).encode(),
            whole.replace(b"`125.00", b"`12x"),
            whole.replace(b"`SUCCESS,", b"`SUCCESS"),
        ):
            with self.assertRaises(UnreadableBill, msg=content[:40]):
                read_bill(content)

    def test_movements_on_the_account(self):
        lines = [
            fake_bill.payment_line("BK1", 12500),
            fake_bill.refund_line("RFBK1", "BK1", 2600),
        ]
        content = fake_bill.flow(lines, withdrawn=5000)
        found = read_flow(content)
        self.assertEqual(
            [(one["kind"], one["amount"]) for one in found],
            [
                ("payment", Decimal("125.00")),
                ("fee", Decimal("-0.75")),
                ("refund", Decimal("-26.00")),
                ("fee", Decimal("0.16")),
                ("withdrawal", Decimal("-50.00")),
            ],
        )
        self.assertEqual(found[-1]["balance"], Decimal("48.41"))
        plain = fake_bill.flow(lines, packed=False)
        for bad in (
            b"",
            content[:-9],
            plain.replace("收入".encode(), b"in"),
            plain.replace(b"`26.00", b"`27.00", 1),
            fake_bill.bill(lines),
        ):
            with self.assertRaises(UnreadableBill, msg=bad[:40]):
                read_flow(bad)


@tagged("post_install", "-at_install")
class TestFetching(WechatpayCommon):
    def setUp(self):
        super().setUp()
        self.today = fake_bill.now().date()

    def fetch(self):
        return self.provider._wechatpay_fetch_statement(self.today)

    def test_bill_of_what_was_paid(self):
        tx = self._paid_tx()
        found = self.provider._wechatpay_read_statement(self.fetch())

        self.assertEqual([e["reference"] for e in found], [tx.reference])
        self.assertEqual(found[0]["amount"], Decimal("108.80"))
        self.assertEqual(found[0]["number"], tx.provider_reference)

    def test_movements_of_what_was_paid(self):
        self._paid_tx()
        content = self.provider._wechatpay_fetch_flow(self.today)
        found = self.provider._wechatpay_read_flow(content)
        self.assertEqual([one["kind"] for one in found], ["payment", "fee"])
        self.assertEqual(found[-1]["balance"], Decimal("108.15"))

    def test_day_without_movement(self):
        self.assertIsNone(self.fetch())
        self.assertIsNone(self.provider._wechatpay_fetch_flow(self.today))

    @mute_logger("odoo.addons.payment_wechatpay.tools.wechatpay_client")
    def test_bill_that_is_not_the_one_announced(self):
        self._paid_tx()
        for fault in ("short", "badhash"):
            with patch.object(self.fake, "bill_fault", fault):
                with self.assertRaises(GatewayUnknown, msg=fault):
                    self.fetch()
        for fault in ("drop", "badsig", "500"):
            self.fake.faults.append(fault)
            with self.assertRaises(GatewayUnknown, msg=fault):
                self.fetch()

    def test_refusals_are_told(self):
        with (
            patch.object(self.fake, "moves", []),
            patch.object(self.fake, "bill", side_effect=self.refusal),
        ):
            with self.assertRaises(GatewayRejected):
                self.fetch()

    @staticmethod
    def refusal(*_args):
        raise Refusal(403, "NO_AUTH")
