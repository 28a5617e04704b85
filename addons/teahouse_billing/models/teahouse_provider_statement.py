import hashlib
import logging
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

# Providers close their days in Beijing, and have the bill by ten in the morning.
ZONE = ZoneInfo("Asia/Shanghai")
READY_HOUR = 10
# How far back a bill that could not be had is asked for again.
FETCH_DAYS = 7


class TeahouseProviderStatement(models.Model):
    """What a payment provider says it moved on a day, line by line against ours."""

    _name = "teahouse.provider.statement"
    _description = "Statement of a payment provider"
    _order = "date desc, provider_id"
    _rec_name = "provider_label"
    _check_company_auto = True

    provider_id = fields.Many2one(
        "payment.provider", required=True, readonly=True, ondelete="restrict"
    )
    # Accountants see no providers themselves.
    provider_label = fields.Char(
        string="Provider's name", compute="_compute_provider_label", store=True
    )
    company_id = fields.Many2one(related="provider_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True, help="The provider's day.")
    state = fields.Selection(
        [
            ("failed", "Not received"),
            ("differs", "Differs"),
            ("agrees", "Agrees"),
        ],
        readonly=True,
        default="failed",
        required=True,
        index=True,
    )
    problem = fields.Char(readonly=True, help="Why it could not be received.")
    source = fields.Selection(
        [("fetched", "Fetched"), ("file", "From a file")], readonly=True
    )
    digest = fields.Char(readonly=True, help="Of the content, to know it again.")
    line_ids = fields.One2many(
        "teahouse.provider.statement.line", "statement_id", readonly=True
    )
    amount_in = fields.Monetary(
        string="Paid", compute="_compute_amounts", store=True, readonly=True
    )
    amount_back = fields.Monetary(
        string="Given back", compute="_compute_amounts", store=True, readonly=True
    )
    fee = fields.Monetary(string="Gateway fees", compute="_compute_amounts", store=True)
    difference_count = fields.Integer(
        string="Differences", compute="_compute_amounts", store=True
    )

    _day_unique = models.Constraint(
        "UNIQUE(provider_id, date)", "There is a statement of this day already."
    )

    @api.depends("line_ids.amount", "line_ids.fee", "line_ids.state")
    def _compute_amounts(self):
        for statement in self:
            lines = statement.line_ids
            theirs = lines.filtered(lambda line: line.state != "missing_there")
            paid = theirs.filtered(lambda line: line.kind == "payment")
            back = theirs - paid
            statement.amount_in = sum(paid.mapped("amount"))
            statement.amount_back = -sum(back.mapped("amount"))
            statement.fee = sum(theirs.mapped("fee"))
            wrong = lines.filtered(lambda line: line.state != "matched")
            statement.difference_count = len(wrong)

    @api.depends("provider_id")
    def _compute_provider_label(self):
        for statement in self:
            statement.provider_label = statement.sudo().provider_id.name

    @api.depends("provider_label", "date")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = f"{statement.provider_label} {statement.date}"

    # === RECEIVING === #

    @api.model
    def _import(self, provider, day, content, source):
        """Take in the statement of a day; the same content changes nothing.

        :param provider: payment.provider
        :param date day: the provider's day
        :param bytes content: as the provider delivers it, None where nothing moved
        :param str source: fetched or file
        :return: the statement, matched
        :raise ValueError: the content is not readable
        """
        reader = getattr(provider, f"_{provider.code}_read_statement")
        entries = reader(content) if content is not None else []
        days = {entry["at"].astimezone(ZONE).date() for entry in entries}
        if days - {day}:
            raise ValueError("The bill is of another day.")
        return self._take(provider, day, entries, content, source)

    @api.model
    def _take(self, provider, day, entries, content, source):
        statement = self.search(
            [("provider_id", "=", provider.id), ("date", "=", day)], limit=1
        ) or self.create({"provider_id": provider.id, "date": day})
        digest = hashlib.sha256(content or b"").hexdigest()
        if statement.digest != digest:
            statement.line_ids.unlink()
            self.env["teahouse.provider.statement.line"].create(
                [statement._line_values(entry) for entry in entries]
            )
        statement.write({"digest": digest, "source": source, "problem": False})
        statement._match()
        return statement

    def _line_values(self, entry):
        at = entry["at"].astimezone(UTC).replace(tzinfo=None)
        return {
            "statement_id": self.id,
            "kind": entry["kind"],
            "reference": entry["reference"],
            "number": entry["number"],
            "amount": float(entry["amount"]),
            "fee": float(entry["fee"]),
            "at": at,
        }

    @api.model
    def _import_file(self, provider, content):
        """Take in a file of any day, or days.

        :raise UserError: not readable, or of a provider without statements
        """
        reader = getattr(provider, f"_{provider.code}_read_statement", None)
        if not reader:
            raise UserError(
                self.env._("No statements of %s are known here.", provider.name)
            )
        try:
            entries = reader(content)
        except ValueError as error:
            if found := self._import_flow_file(provider, content):
                return found
            message = self.env._("The file cannot be read: %s", error)
            raise UserError(message) from error
        if not entries:
            raise UserError(self.env._("There is nothing in this file."))
        found = self.browse()
        by_day = {}
        for entry in entries:
            by_day.setdefault(entry["at"].astimezone(ZONE).date(), []).append(entry)
        for day, some in by_day.items():
            found |= self._take(provider, day, some, content, "file")
        return found

    @api.model
    def _import_flow_file(self, _provider, _content):
        """Take in a file of another kind; the base knows none.

        :return: the statements that it belongs to, none where it is not readable
        """
        return self.browse()

    @api.model
    def _cron_fetch(self):
        """Fetch the statements of the last days that are not there yet."""
        now = datetime.now(ZONE)
        last = now.date() - timedelta(days=1 if now.hour >= READY_HOUR else 2)
        providers = self.env["payment.provider"].search(
            [("state", "=", "enabled"), ("company_id", "!=", False)]
        )
        wanted = [
            (provider, last - timedelta(days=back))
            for provider in providers
            if hasattr(provider, f"_{provider.code}_fetch_statement")
            for back in range(FETCH_DAYS)
        ]
        for provider, day in wanted:
            if provider.create_date.date() > day:
                continue
            known = self.search(
                [("provider_id", "=", provider.id), ("date", "=", day)], limit=1
            )
            if known.digest:
                # What came in late may agree by now.
                known.filtered(lambda one: one.state != "agrees")._match()
            else:
                self._fetch(provider, day)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _fetch(self, provider, day):
        """Fetch one statement; that it failed is kept as well.

        :return: the statement
        """
        try:
            content = getattr(provider, f"_{provider.code}_fetch_statement")(day)
            with self.env.cr.savepoint():
                return self._import(provider, day, content, "fetched")
        except Exception as error:
            # Of whatever kind: it must not keep the other days from coming in.
            _logger.warning("%s of %s: no statement: %s", provider.code, day, error)
            statement = self.search(
                [("provider_id", "=", provider.id), ("date", "=", day)], limit=1
            ) or self.create({"provider_id": provider.id, "date": day})
            statement.problem = str(error)[:250]
            return statement

    def action_fetch(self):
        """Ask the provider for these statements again."""
        self.check_access("read")
        for statement in self.sudo():
            provider = statement.provider_id
            if not hasattr(provider, f"_{provider.code}_fetch_statement"):
                raise UserError(
                    self.env._("No statements of %s are known here.", provider.name)
                )
            statement._fetch(provider, statement.date)

    def action_match(self):
        """Compare again, after something was put right."""
        self.check_access("read")
        self.sudo()._match()

    # === COMPARING === #

    def _match(self):
        """Compare each line with our payments and refunds, and ours with the lines."""
        for statement in self:
            lines = statement.line_ids
            lines.filtered(lambda line: line.state == "missing_there").unlink()
            statement.line_ids._match()
            statement._find_missing_there()
            state = "differs" if statement.difference_count else "agrees"
            statement.state = state

    def _find_missing_there(self):
        """Add what is done here and stands in no statement of the provider."""
        self.ensure_one()
        since = datetime.combine(self.date, time(), ZONE).astimezone(UTC)
        since = since.replace(tzinfo=None)
        txs_sudo = self.env["payment.transaction"].sudo()
        ours = txs_sudo.search(
            [
                ("provider_id", "=", self.provider_id.id),
                ("state", "=", "done"),
                ("last_state_change", ">=", since),
                ("last_state_change", "<", since + timedelta(days=1)),
            ]
        )
        lines = self.env["teahouse.provider.statement.line"]
        known = lines.search(
            [
                ("statement_id.provider_id", "=", self.provider_id.id),
                ("transaction_id", "in", ours.ids),
            ]
        ).transaction_id
        for tx_sudo in ours - known.sudo():
            refund = tx_sudo.operation == "refund"
            lines.create(
                {
                    "statement_id": self.id,
                    "kind": "refund" if refund else "payment",
                    "reference": tx_sudo.reference,
                    "at": tx_sudo.last_state_change,
                    "transaction_id": tx_sudo.id,
                    "state": "missing_there",
                    "amount": 0.0,
                    "why": self.env._(
                        "Done here with %s, not in the provider's statement.",
                        self.currency_id.format(abs(tx_sudo.amount)),
                    ),
                }
            )
