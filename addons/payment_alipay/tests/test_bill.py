from datetime import datetime
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.payment_cn_common.tools.gateway import GatewayUnknown

from ..tools.alipay_bill import BEIJING, UnreadableBill, read_bill
from . import fake_bill
from .common import AlipayCommon


class TestReading(BaseCase):
    def test_payments_and_refunds(self):
        lines = [
            fake_bill.line("BK1", "125"),
            fake_bill.line("BK1", "26", refund="RFBK1"),
        ]
        found = read_bill(fake_bill.bill(lines))
        shown = [(e["kind"], e["reference"], e["number"], e["amount"]) for e in found]
        self.assertEqual(
            shown,
            [
                ("payment", "BK1", "2026BK1", Decimal("125.00")),
                ("refund", "RFBK1", "2026BK1", Decimal("-26.00")),
            ],
        )
        self.assertEqual([e["fee"] for e in found], [Decimal("0.75"), Decimal("-0.16")])

    def test_what_is_no_whole_bill(self):
        content = fake_bill.bill([fake_bill.line("BK1", "125")])
        for broken in (b"", content[:-9], b"PK\x03\x04", b"a,b\n1,2", b"\xff\xff"):
            with self.assertRaises(UnreadableBill, msg=broken[:20]):
                read_bill(broken)


@tagged("post_install", "-at_install")
class TestFetching(AlipayCommon):
    def fetch(self):
        return self.provider._alipay_fetch_statement(datetime.now(BEIJING).date())

    def test_bill_of_what_was_paid(self):
        tx = self._paid_tx()
        found = self.provider._alipay_read_statement(self.fetch())

        self.assertEqual([e["reference"] for e in found], [tx.reference])
        self.assertEqual(found[0]["amount"], Decimal(str(tx.amount)))

    def test_day_without_movement(self):
        self.assertIsNone(self.fetch())

    @mute_logger("odoo.addons.payment_alipay.tools.alipay_client")
    def test_bill_from_elsewhere_or_damaged(self):
        self._paid_tx()
        with patch.object(self.fake, "bill_fault", "elsewhere"):
            with self.assertRaises(GatewayUnknown):
                self.fetch()
        with patch.object(self.fake, "bill_fault", "short"):
            with self.assertRaises(UnreadableBill):
                read_bill(self.fetch())
        for fault in ("drop", "badsig", "500"):
            self.fake.faults.append(fault)
            with self.assertRaises(GatewayUnknown, msg=fault):
                self.fetch()
