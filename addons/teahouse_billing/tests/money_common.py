"""Fixtures of the tests about money: a provider, and bookings with charges."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import HttpCase
from odoo.tools import config

from odoo.addons.teahouse_base.tests.common import TeahouseCommon, TeahouseHttpCommon


class MoneyCommon(TeahouseCommon):
    """A company with a chart of accounts, and payments by the demonstration provider.

    Bookings are made with plain charge lines, so that these tests stand apart from
    tariffs.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("cn", cls.company)
        cls.provider = cls._make_provider()
        cls.currency = cls.company.currency_id
        cls.start = fields.Datetime.now().replace(second=0) + timedelta(days=3)

    @classmethod
    def _make_provider(cls):
        providers = cls.env["payment.provider"]
        if "demo" not in dict(providers._fields["code"].selection):
            cls.skipTest(cls, "payment_demo is not installed")
        provider = providers.search(
            [("code", "=", "demo"), ("company_id", "=", cls.company.id)], limit=1
        )
        provider.state = "test"
        journal = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        )
        provider.journal_id = journal
        return provider

    def setUp(self):
        super().setUp()
        patcher = patch.dict(config.options, {"teahouse_allow_demo_payment": "True"})
        patcher.start()
        self.addCleanup(patcher.stop)

    @classmethod
    def make_booking(cls, amount=76.0, hours=2, room=None, member=None, **values):
        """Create a booking on hold with one charge for the stay."""
        start = values.pop("start", cls.start)
        room = room or cls.room
        lines = [Command.create(cls.charge_values(amount))] if amount else []
        return cls.env["teahouse.booking"].create(
            {
                "room_id": room.id,
                "member_id": (member or cls.member).id,
                "start": start,
                "end": start + timedelta(hours=hours),
                "hold_expires_at": fields.Datetime.now() + timedelta(minutes=15),
                "charge_line_ids": lines,
                **values,
            }
        )

    @classmethod
    def charge_values(cls, amount, kind="base", **values):
        """Return the values of a charge line."""
        return {
            "kind": kind,
            "name": kind,
            "unit_price": amount,
            "amount": amount,
            **values,
        }

    @classmethod
    def charge(cls, booking, amount, kind="base", **values):
        """Add a charge line to a booking."""
        return cls.env["teahouse.charge.line"].create(
            {"booking_id": booking.id, **cls.charge_values(amount, kind, **values)}
        )

    @classmethod
    def make_paid(cls, amount=76.0, **values):
        """Create a booking that is paid and confirmed."""
        booking = cls.make_booking(amount=amount, **values)
        booking._pay("demo", "page")
        return booking

    @classmethod
    def make_ended(cls, amount=76.0, **values):
        """Create a booking that was paid and used, and settle it as checkout does."""
        booking = cls.make_paid(amount=amount, **values)
        cls.end_use(booking)
        return booking

    @classmethod
    def end_use(cls, booking):
        """End the use of a booking as if its time had come."""
        booking.write({"state": "completed", "ended_at": booking.end})
        booking._on_use_ended()

    def open_attempt(self, booking):
        """Return a transaction that waits for its payer."""
        return booking._create_transaction(booking._provider("demo"), "demo")

    def report(self, tx, state="done"):
        """Report a state as the provider does."""
        data = {"reference": tx.reference, "simulated_state": state}
        return tx._process("demo", data)

    def receivable(self, booking):
        """Return what the guest's account still shows for a booking."""
        lines = booking._receivable_lines()
        return self.currency.round(sum(lines.mapped("amount_residual")))


class MoneyHttpCommon(MoneyCommon, TeahouseHttpCommon, HttpCase):
    """The same with calls of the API."""
