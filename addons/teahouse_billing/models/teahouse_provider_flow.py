import logging
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .teahouse_provider_statement import FETCH_DAYS, READY_HOUR, ZONE

_logger = logging.getLogger(__name__)


class TeahouseProviderFlow(models.Model):
    """One movement on the account that the company has at a payment provider."""

    _name = "teahouse.provider.flow"
    _description = "Movement at a payment provider"
    _order = "at, id"
    _rec_name = "label"

    statement_id = fields.Many2one(
        "teahouse.provider.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    at = fields.Datetime(string="Date and time", required=True, readonly=True)
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("refund", "Refund"),
            ("fee", "Fee"),
            ("withdrawal", "To the bank"),
            ("deposit", "From the bank"),
            ("other", "Other"),
        ],
        required=True,
        readonly=True,
    )
    label = fields.Char(string="The provider's word", readonly=True)
    number = fields.Char(string="Provider's number", readonly=True)
    amount = fields.Monetary(readonly=True, help="Negative: it left the account.")
    balance = fields.Monetary(string="On the account then", readonly=True)


class TeahouseProviderStatement(models.Model):
    """What moved on the account, beside what was paid and given back."""

    _inherit = "teahouse.provider.statement"

    flow_ids = fields.One2many("teahouse.provider.flow", "statement_id", readonly=True)
    flow_is_known = fields.Boolean(
        readonly=True, help="The movements of the day were received."
    )
    flow_problem = fields.Char(readonly=True)
    flow_withdrawn = fields.Monetary(
        string="To the bank", compute="_compute_flow", store=True
    )
    flow_balance = fields.Monetary(
        string="On the account at the end", compute="_compute_flow", store=True
    )
    flow_difference = fields.Monetary(
        string="Not explained",
        compute="_compute_flow",
        store=True,
        help="What moved on the account by payments, refunds and fees, less what the "
        "statement shows. A refund may be on the account a day later than there.",
    )

    @api.depends("flow_ids.amount", "amount_in", "amount_back", "fee", "flow_is_known")
    def _compute_flow(self):
        for statement in self:
            sums = dict.fromkeys(("payment", "refund", "fee", "withdrawal"), 0.0)
            flows = statement.flow_ids.sorted(lambda flow: (flow.at, flow.id))
            for flow in flows:
                sums[flow.kind] = sums.get(flow.kind, 0.0) + flow.amount
            moved = sums["payment"] + sums["refund"] + sums["fee"]
            stated = statement.amount_in - statement.amount_back - statement.fee
            currency = statement.currency_id or self.env.company.currency_id
            known = statement.flow_is_known
            statement.flow_difference = currency.round(moved - stated) if known else 0
            statement.flow_withdrawn = -sums["withdrawal"]
            statement.flow_balance = flows[-1:].balance

    @api.model
    def _cron_fetch(self):
        """Override to fetch the movements of the same days, where the provider has
        them; those that failed are asked for again by the next run."""
        result = super()._cron_fetch()
        since = datetime.now(ZONE).date() - timedelta(days=FETCH_DAYS + 1)
        missing = self.search([("date", ">=", since), ("flow_is_known", "=", False)])
        for statement in missing:
            statement._fetch_flow()
            if not self.env["ir.cron"]._commit_progress(1):
                break
        return result

    def action_fetch(self):
        """Override to fetch the movements, too."""
        result = super().action_fetch()
        self.sudo()._fetch_flow()
        return result

    def _fetch_flow(self):
        """Fetch what moved on the account; that it failed is kept as well."""
        for statement in self:
            provider = statement.provider_id
            fetch = getattr(provider, f"_{provider.code}_fetch_flow", None)
            if not fetch or not statement._flow_is_ready():
                continue
            read = getattr(provider, f"_{provider.code}_read_flow")
            try:
                content = fetch(statement.date)
                movements = read(content) if content is not None else []
                with self.env.cr.savepoint():
                    statement._take_flow(movements)
            except Exception as error:
                # Of whatever kind: it must not keep the other days from coming in.
                _logger.warning("%s: no movements: %s", statement.id, error)
                statement.flow_problem = str(error)[:250]

    @api.model
    def _import_flow_file(self, provider, content):
        """Override to take in the movements of days whose statements are there."""
        read = getattr(provider, f"_{provider.code}_read_flow", None)
        try:
            movements = read(content) if read else []
        except ValueError:
            return super()._import_flow_file(provider, content)
        by_day = {}
        for movement in movements:
            day = movement["at"].astimezone(ZONE).date()
            by_day.setdefault(day, []).append(movement)
        found = self.search(
            [("provider_id", "=", provider.id), ("date", "in", list(by_day))]
        )
        if by_day and len(found) < len(by_day):
            raise UserError(
                self.env._("Take in the statements of these days first, then this.")
            )
        for statement in found:
            statement._take_flow(by_day[statement.date])
        return found

    def _flow_is_ready(self):
        """Tell whether the provider has closed the day."""
        now = datetime.now(ZONE)
        return self.date < now.date() - timedelta(days=now.hour < READY_HOUR)

    def _take_flow(self, movements):
        """Take in the movements of the day, in place of those that are there."""
        self.ensure_one()
        self.flow_ids.unlink()
        self.env["teahouse.provider.flow"].create(
            [
                {
                    **movement,
                    "statement_id": self.id,
                    "amount": float(movement["amount"]),
                    "balance": float(movement["balance"]),
                    "at": movement["at"].astimezone(UTC).replace(tzinfo=None),
                }
                for movement in movements
            ]
        )
        self.write({"flow_is_known": True, "flow_problem": False})
