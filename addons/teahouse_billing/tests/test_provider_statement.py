import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch
from zoneinfo import ZoneInfo

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .money_common import MoneyCommon

BEIJING = ZoneInfo("Asia/Shanghai")


def read(_provider, content):
    """Read the statements of these tests: JSON."""
    entries = json.loads(content)
    return [
        {
            **entry,
            "amount": Decimal(entry["amount"]),
            "fee": Decimal(entry["fee"]),
            "at": datetime.fromisoformat(entry["at"]),
        }
        for entry in entries
    ]


@tagged("post_install", "-at_install", "teahouse_money")
class TestProviderStatement(MoneyCommon):
    def setUp(self):
        super().setUp()
        model = self.registry["payment.provider"]
        self.startPatcher(
            patch.object(model, "_demo_read_statement", read, create=True)
        )
        self.statements = self.env["teahouse.provider.statement"]
        self.today = datetime.now(BEIJING).date()
        self.provider.teahouse_fee_percent = 0.6

    def entry(self, tx, **values):
        refund = tx.operation == "refund"
        at = tx.last_state_change.replace(tzinfo=UTC).astimezone(BEIJING)
        return {
            "kind": "refund" if refund else "payment",
            "reference": tx.reference,
            "number": f"42{tx.id}",
            "amount": str(tx.amount),
            "fee": str(round(tx.amount * 0.006, 5)),
            "at": at.isoformat(),
            **values,
        }

    def take(self, *entries):
        content = json.dumps(entries).encode()
        return self.statements._import(self.provider, self.today, content, "fetched")

    def states(self, statement):
        return {line.reference: line.state for line in statement.line_ids}

    def paid(self, amount=76.0, **values):
        return self.make_paid(amount=amount, **values).transaction_ids

    def test_what_agrees(self):
        tx = self.paid()
        refund = tx._refund_back(26, "test")
        statement = self.take(self.entry(tx), self.entry(refund))

        self.assertEqual(statement.state, "agrees")
        self.assertEqual((statement.amount_in, statement.amount_back), (76, 26))
        self.assertAlmostEqual(statement.fee, 0.3, 2)
        self.assertEqual(statement.line_ids.booking_id, tx.teahouse_booking_id)

    def test_what_differs_and_why(self):
        start = self.start
        txs = [
            self.paid(room=room, start=start + timedelta(days=day))
            for day, room in enumerate([self.room] * 5)
        ]
        agrees, amount, fee, elsewhere, waits = txs
        waits.write({"state": "pending"})
        statement = self.take(
            self.entry(agrees),
            self.entry(amount, amount="75.99"),
            self.entry(fee, fee="4.56"),
            self.entry(waits),
            self.entry(agrees, reference="BKNOBODY"),
        )

        self.assertEqual(
            self.states(statement),
            {
                agrees.reference: "matched",
                amount.reference: "amount",
                fee.reference: "fee",
                waits.reference: "state",
                elsewhere.reference: "missing_there",
                "BKNOBODY": "missing_here",
            },
        )
        self.assertEqual((statement.state, statement.difference_count), ("differs", 5))
        wrong = statement.line_ids.filtered(lambda line: line.state != "matched")
        self.assertTrue(all(wrong.mapped("why")))
        # Its report got lost: the provider is asked again.
        self.assertTrue(waits.teahouse_closing)

    def test_twice_is_once(self):
        tx = self.paid()
        first = self.take(self.entry(tx))
        lines = first.line_ids
        again = self.take(self.entry(tx))
        self.assertEqual((again, again.line_ids), (first, lines))

        other = self.take(self.entry(tx), self.entry(tx, reference="BKNOBODY"))
        self.assertEqual((other, len(other.line_ids)), (first, 2))

    def test_a_refund_on_its_way_agrees(self):
        tx = self.paid()
        refund = tx._refund_back(26, "test")
        refund.state = "pending"
        statement = self.take(self.entry(tx), self.entry(refund))

        self.assertEqual(statement.state, "agrees")

    def test_kinds_are_not_mixed_up(self):
        tx = self.paid()
        statement = self.take(self.entry(tx, kind="refund"))

        self.assertEqual(statement.line_ids[:1].state, "missing_here")

    def test_differences_stand_in_the_daily_check_until_they_are_gone(self):
        checks = self.env["teahouse.money.check"]
        tx = self.paid()
        self.take(self.entry(tx), self.entry(tx, reference="BKNOBODY"))
        for _time in range(2):
            checks._cron_check()
        found = checks.search([("kind", "=", "statement")])
        self.assertEqual(found.mapped("state"), ["open"])
        self.assertIn("BKNOBODY", found.detail)
        self.assertEqual(found.company_id, self.company)

        self.take(self.entry(tx))
        checks._cron_check()
        self.assertFalse(found.exists().filtered(lambda one: one.state == "open"))

    def test_jobs_fetch_what_is_missing(self):
        asked = []

        def fetch(provider, day):
            asked.append(day)
            if day == self.today - timedelta(days=3):
                raise ValueError("no answer")
            return None

        # Odoo refuses to enable the demonstration, but it is all there is here.
        self.env.cr.execute(
            "UPDATE payment_provider SET state = 'enabled', "
            "create_date = create_date - interval '9 days' WHERE id = %s",
            (self.provider.id,),
        )
        self.provider.invalidate_recordset(["create_date", "state"])
        model = self.registry["payment.provider"]
        logger = "odoo.addons.teahouse_billing.models.teahouse_provider_statement"
        with (
            patch.object(model, "_demo_fetch_statement", fetch, create=True),
            patch.object(self.env.cr, "commit"),
            mute_logger(logger),
        ):
            self.statements._cron_fetch()
            self.assertEqual(len(asked), 7)
            self.assertNotIn(self.today, asked)
            asked.clear()
            self.statements._cron_fetch()

        day = self.today - timedelta(days=3)
        self.assertEqual(asked, [day])
        failed = self.statements.search([("state", "=", "failed")])
        self.assertEqual((failed.date, failed.problem), (day, "no answer"))
        self.env["teahouse.money.check"]._cron_check()
        check = self.env["teahouse.money.check"].search(
            [("kind", "=", "statement_failed")]
        )
        self.assertEqual(check.statement_id, failed)

    def test_movements_on_the_account_explain_the_day(self):
        statement = self.take(self.entry(self.paid()))
        # A bill of a day is there on the next.
        statement.date -= timedelta(days=2)
        at = datetime.now(BEIJING)
        movements = [
            {"at": at, "kind": kind, "label": kind, "number": kind}
            | {"amount": Decimal(amount), "balance": Decimal(balance)}
            for kind, amount, balance in (
                ("payment", "76", "176"),
                ("fee", "-0.46", "175.54"),
                ("withdrawal", "-100", "75.54"),
            )
        ]
        model = self.registry["payment.provider"]
        fetched = [movements, movements[:1]]
        fetch = patch.object(
            model, "_demo_fetch_flow", lambda *_args: fetched.pop(), create=True
        )
        read = patch.object(
            model, "_demo_read_flow", lambda _provider, rows: rows, create=True
        )
        logger = "odoo.addons.teahouse_billing.models.teahouse_provider_flow"
        with fetch, read, mute_logger(logger):
            statement._fetch_flow()
            self.assertEqual(statement.flow_difference, 0.46)
            statement._fetch_flow()
            self.assertEqual(len(statement.flow_ids), 3)
            self.assertEqual(statement.flow_difference, 0.0)
            self.assertEqual(statement.flow_withdrawn, 100.0)
            self.assertEqual(statement.flow_balance, 75.54)
            # Nothing more comes: what is there stays, and the reason is told.
            statement._fetch_flow()
        self.assertEqual(
            (len(statement.flow_ids), bool(statement.flow_problem)), (3, 1)
        )
        statement.flow_ids.with_user(self.users["accountant"]).read(["amount"])
        for role in ("manager", "staff", "cleaner", "technician"):
            with self.assertRaises(AccessError):
                statement.flow_ids.with_user(self.users[role]).read(["amount"])

    def test_movements_come_from_a_file_as_well(self):
        tx = self.paid()
        movement = {
            "at": datetime.now(BEIJING),
            "kind": "payment",
            "label": "交易",
            "number": "F1",
            "amount": Decimal("76"),
            "balance": Decimal("76"),
        }

        def read_flow(_provider, content):
            if content != b"flow":
                raise ValueError(content)
            return [movement]

        model = self.registry["payment.provider"]
        with patch.object(model, "_demo_read_flow", read_flow, create=True):
            with self.assertRaises(UserError):
                self.statements._import_file(self.provider, b"flow")
            statement = self.take(self.entry(tx))
            movement["at"] = statement.line_ids.at.replace(tzinfo=UTC)
            found = self.statements._import_file(self.provider, b"flow")
            self.assertEqual((found, found.flow_balance), (statement, 76.0))
            with self.assertRaises(UserError):
                self.statements._import_file(self.provider, b"neither")

    def test_fees_come_into_the_books_once_with_their_room(self):
        txs = [
            self.paid(amount, room=room, start=self.start + timedelta(days=day))
            for day, (room, amount) in enumerate(
                [(self.room, 76.0), (self.room, 33.0), (self.room_2, 57.0)]
            )
        ]
        statement = self.take(*map(self.entry, txs))
        [move] = statement.fee_move_ids
        account = self.company.teahouse_gateway_fee_account_id
        lines = move.line_ids.filtered(lambda line: line.account_id == account)
        self.assertEqual((move.state, move.date), ("posted", self.today))
        self.assertEqual(move.journal_id, self.provider.journal_id)
        # 0.6 % of 76 + 33, and of 57, to the cent together.
        self.assertEqual(
            {
                statement._room_of(line.analytic_distribution): line.balance
                for line in lines
            },
            {self.room: 0.66, self.room_2: 0.34},
        )
        # The other side is where the payments stand.
        other = (move.line_ids - lines).account_id
        self.assertEqual(other, txs[0].payment_id.outstanding_account_id)
        self.assertEqual((statement.fee_posted, statement.fee), (1.0, 1.0))

        # Compared again, and with another fee: the difference only.
        statement._match()
        self.assertEqual(statement.fee_move_ids, move)
        entries = list(map(self.entry, txs))
        self.take({**entries[0], "fee": "1.456"}, *entries[1:])
        self.assertEqual(len(statement.fee_move_ids), 2)
        self.assertEqual(self.currency.round(statement.fee_posted), 2.0)
        self.assertEqual(statement.fee_move_ids.mapped("amount_total"), [1.0, 1.0])

    def test_fees_wait_where_people_post_them(self):
        self.company.teahouse_post_fees = False
        statement = self.take(self.entry(self.paid()))
        self.assertFalse(statement.fee_move_ids)
        with self.assertRaises(AccessError):
            statement.with_user(self.users["manager"]).action_post_fees()
        statement.with_user(self.users["accountant"]).action_post_fees()
        self.assertEqual(statement.fee_posted, 0.46)

    def test_files(self):
        tx = self.paid()
        content = json.dumps([self.entry(tx)]).encode()
        found = self.statements._import_file(self.provider, content)
        self.assertEqual((found.date, found.state), (self.today, "agrees"))

        for bad in (b"", b"[]"):
            with self.assertRaises(UserError):
                self.statements._import_file(self.provider, bad)

    def test_a_bill_of_another_day_is_refused(self):
        entry = self.entry(self.paid())
        yesterday = self.today - timedelta(days=1)
        content = json.dumps([entry]).encode()
        with self.assertRaises(ValueError):
            self.statements._import(self.provider, yesterday, content, "fetched")

    def test_accountants_and_owners_only(self):
        statement = self.take(self.entry(self.paid()))
        for role in ("accountant", "owner"):
            mine = statement.with_user(self.users[role])
            mine.web_read({"provider_label": {}, "amount_in": {}, "line_ids": {}})
            mine.action_match()
            with self.assertRaises(AccessError):
                mine.write({"digest": "x"})
            wizard = self.env["teahouse.statement.import"].with_user(self.users[role])
            choices = wizard._select_provider()
            self.assertIn((str(self.provider.id), self.provider.name), choices)
        for role in ("manager", "staff", "cleaner", "technician"):
            theirs = statement.with_user(self.users[role])
            with self.assertRaises(AccessError):
                theirs.read(["amount_in"])
            with self.assertRaises(AccessError):
                theirs.action_match()
        with self.assertRaises(AccessError):
            statement.with_user(self.member.user_id).line_ids.read(["amount"])
