from datetime import timedelta

from odoo import Command, api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    teahouse_statement_id = fields.Many2one(
        "teahouse.provider.statement",
        string="Provider's statement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Whose fees this entry posts.",
    )


class TeahouseProviderStatement(models.Model):
    """What the provider kept of a day's payments comes into the books."""

    _inherit = "teahouse.provider.statement"

    fee_move_ids = fields.One2many(
        "account.move", "teahouse_statement_id", string="Entries of fees", readonly=True
    )
    fee_posted = fields.Monetary(
        string="Fees in the books", compute="_compute_fee_posted", compute_sudo=True
    )

    @api.depends("fee_move_ids.state", "fee_move_ids.line_ids.balance")
    def _compute_fee_posted(self):
        for statement in self:
            statement.fee_posted = sum(statement._fees_posted().values())

    def _match(self):
        """Override to post the fees of what was compared, unless people do that."""
        result = super()._match()
        for statement in self:
            if statement.company_id.sudo().teahouse_post_fees:
                statement._post_fees()
        return result

    def action_post_fees(self):
        """Post the fees that are not in the books yet."""
        self.check_access("read")
        for statement in self.sudo():
            statement._post_fees()

    def action_open_fees(self):
        """Open the entries that post the fees."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries of fees"),
            "res_model": "account.move",
            "view_mode": "list,form",
            "domain": [("teahouse_statement_id", "=", self.id)],
            "context": {"create": False},
        }

    def _post_fees(self):
        """Post what of the fees is not in the books; twice is once.

        A statement that came in anew posts the difference only. Providers without a
        journal, and companies without an account for it, post nothing.

        :return: the entry (sudo) made now, possibly none
        """
        self.ensure_one()
        company_sudo = self.company_id.sudo()
        journal_sudo = self.provider_id.sudo().journal_id
        account_sudo = company_sudo._teahouse_gateway_fee_account()
        moves_sudo = self.env["account.move"].sudo()
        if self.state == "failed" or not journal_sudo or not account_sudo:
            return moves_sudo
        self.lock_for_update()
        posted = self._fees_posted()
        wanted = self._fees_by_room()
        missing = {
            room: self.currency_id.round(wanted.get(room, 0.0) - posted.get(room, 0.0))
            for room in wanted | posted
        }
        lines = [
            {
                "name": self.env._("Fees of %s", self.display_name),
                "account_id": account_sudo.id,
                "balance": amount,
                "analytic_distribution": room._analytic_distribution()
                if room
                else False,
            }
            for room, amount in missing.items()
            if not self.currency_id.is_zero(amount)
        ]
        if not lines:
            return moves_sudo
        lines.append(
            {
                "name": self.env._("Fees of %s", self.display_name),
                "account_id": self._money_account(journal_sudo).id,
                "balance": -sum(line["balance"] for line in lines),
            }
        )
        locked = company_sudo._get_user_fiscal_lock_date(journal_sudo)
        move_sudo = moves_sudo.with_company(company_sudo).create(
            {
                "move_type": "entry",
                "journal_id": journal_sudo.id,
                "date": max(self.date, locked + timedelta(days=1)),
                "ref": self.display_name,
                "teahouse_statement_id": self.id,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        move_sudo.action_post()
        return move_sudo

    def _fees_by_room(self):
        """Return what the provider kept, by room (sudo); none for what is no stay.

        Rounded so that the parts add up to the day's fee in whole cents.
        """
        self.ensure_one()
        parts = {}
        theirs = self.line_ids.filtered(lambda line: line.state != "missing_there")
        for line in theirs.sudo():
            room = line.booking_id.room_id
            parts[room] = parts.get(room, 0.0) + line.fee
        currency = self.currency_id
        rounded = {room: currency.round(amount) for room, amount in parts.items()}
        rest = currency.round(
            currency.round(sum(parts.values())) - sum(rounded.values())
        )
        if rest:
            largest = max(parts, key=lambda room: abs(parts[room]))
            rounded[largest] = currency.round(rounded[largest] + rest)
        return rounded

    def _fees_posted(self):
        """Return what of the fees is posted, by room (sudo)."""
        self.ensure_one()
        posted = {}
        lines_sudo = self.sudo().fee_move_ids.line_ids.filtered(
            lambda line: (
                line.parent_state == "posted"
                and line.account_id.account_type.startswith("expense")
            )
        )
        for line_sudo in lines_sudo:
            room = self._room_of(line_sudo.analytic_distribution)
            posted[room] = posted.get(room, 0.0) + line_sudo.balance
        return posted

    def _room_of(self, distribution):
        accounts = [int(i) for key in distribution or {} for i in key.split(",")]
        rooms_sudo = self.env["teahouse.room"].sudo().with_context(active_test=False)
        return rooms_sudo.search([("analytic_account_id", "in", accounts)], limit=1)

    def _money_account(self, journal_sudo):
        """Return where the provider's payments stand, and the fees come off."""
        payments_sudo = self.sudo().line_ids.transaction_id.payment_id
        return payments_sudo.outstanding_account_id[:1] or (
            journal_sudo.default_account_id
        )
