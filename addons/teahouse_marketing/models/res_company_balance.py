from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..const import BALANCE, VOUCHER


class ResCompany(models.Model):
    """Balances in the books: what members paid in is owed to them.

    Spending is a payment against that debt. The bonus part was never paid in: it is
    an expense when it is spent, so that the debt always equals the real parts.
    """

    _inherit = "res.company"

    teahouse_balance_scope = fields.Selection(
        [
            ("store", "The store of the top-up"),
            ("company", "All stores of the company"),
            ("chain", "All companies that share balances"),
        ],
        string="Balance is good for",
        default="company",
        required=True,
    )
    teahouse_balance_order = fields.Selection(
        [
            ("real_first", "What was paid in first"),
            ("bonus_first", "Bonus first"),
            ("proportional", "Both in proportion"),
        ],
        string="Balance is spent",
        default="real_first",
        required=True,
    )
    teahouse_balance_covers_due = fields.Boolean(
        string="Balance pays overtime",
        default=True,
        help="What is due after a stay is taken from the member's balance.",
    )
    teahouse_topup_min = fields.Monetary(string="Smallest top-up", default=10.0)
    teahouse_topup_max = fields.Monetary(string="Largest top-up", default=5000.0)
    teahouse_balance_account_id = fields.Many2one(
        "account.account", string="Balances of members", check_company=True
    )
    teahouse_bonus_account_id = fields.Many2one(
        "account.account", string="Bonus spent", check_company=True
    )
    teahouse_chain_account_id = fields.Many2one(
        "account.account",
        string="Between companies",
        check_company=True,
        help="What companies owe one another for balances spent elsewhere.",
    )
    teahouse_voucher_account_id = fields.Many2one(
        "account.account", string="Due from platforms", check_company=True
    )
    teahouse_commission_account_id = fields.Many2one(
        "account.account", string="Commission of platforms", check_company=True
    )
    teahouse_voucher_journal_id = fields.Many2one(
        "account.journal", string="Journal of vouchers", check_company=True
    )
    teahouse_balance_journal_id = fields.Many2one(
        "account.journal", string="Journal of balances", check_company=True
    )

    def _teahouse_setup_balance(self):
        """Have accounts, journal and provider for balances; done already, nothing.

        :return: the payment provider (sudo)
        :raise UserError: the company has no chart of accounts
        """
        self.ensure_one()
        company = self.sudo()
        if not company.chart_template:
            raise UserError(self.env._("The company needs a chart of accounts first."))
        for field, code, kind in (
            ("teahouse_balance_account_id", "220390", "liability_current"),
            ("teahouse_bonus_account_id", "660190", "expense"),
            ("teahouse_chain_account_id", "122190", "asset_current"),
            ("teahouse_voucher_account_id", "122191", "asset_current"),
            ("teahouse_commission_account_id", "660191", "expense"),
        ):
            if not company[field]:
                name = company._fields[field].string
                company[field] = company._teahouse_new_account(name, code, kind)
        for field, name, code, account in (
            (
                "teahouse_balance_journal_id",
                self.env._("Member balances"),
                "TBAL",
                company.teahouse_balance_account_id,
            ),
            (
                "teahouse_voucher_journal_id",
                self.env._("Group-buy vouchers"),
                "TVOU",
                company.teahouse_voucher_account_id,
            ),
        ):
            if not company[field]:
                journals = self.env["account.journal"].sudo().with_company(company)
                company[field] = journals.create(
                    {
                        "name": name,
                        "code": code,
                        "type": "bank",
                        "company_id": company.id,
                        "default_account_id": account.id,
                    }
                )
        company._teahouse_voucher_provider()
        return company._teahouse_balance_provider()

    def _teahouse_new_account(self, name, code, kind):
        accounts = self.env["account.account"].sudo().with_company(self)
        return accounts.create(
            {
                "name": name,
                "code": accounts._search_new_account_code(code),
                "account_type": kind,
                "company_ids": [Command.set(self.ids)],
            }
        )

    def _teahouse_balance_provider(self):
        """Return the provider (sudo) of balances, made and enabled if need be."""
        return self._teahouse_own_provider(
            BALANCE,
            self.env._("Balance"),
            self.teahouse_balance_journal_id,
            self.teahouse_balance_account_id,
        )

    def _teahouse_voucher_provider(self):
        """Return the provider (sudo) of vouchers, made and enabled if need be."""
        company = self.sudo()
        if not company.teahouse_voucher_journal_id:
            company._teahouse_setup_balance()
        return company._teahouse_own_provider(
            VOUCHER,
            self.env._("Group-buy voucher"),
            company.teahouse_voucher_journal_id,
            company.teahouse_voucher_account_id,
        )

    def _teahouse_own_provider(self, code, name, journal, account):
        self.ensure_one()
        providers = self.env["payment.provider"].sudo()
        provider = providers.search(
            [("code", "=", code), ("company_id", "=", self.id)], limit=1
        )
        if not provider:
            method = self.env["payment.method"].sudo().with_context(active_test=False)
            method = method.search([("code", "=", code)], limit=1)
            provider = providers.create(
                {
                    "name": name,
                    "code": code,
                    "company_id": self.id,
                    "payment_method_ids": [Command.set(method.ids)],
                }
            )
        if provider.state != "enabled":
            provider.write({"state": "enabled", "is_published": False})
        if provider.journal_id != journal:
            provider.journal_id = journal
        line = journal.inbound_payment_method_line_ids.filtered(
            lambda one: one.payment_provider_id == provider
        )
        if line.payment_account_id != account:
            line.payment_account_id = account
        return provider

    def action_teahouse_setup_balance(self):
        """Open balances for the company (button of the settings)."""
        self._teahouse_setup_balance()

    # === ENTRIES === #

    def _post_entry(self, lines, **values):
        """Post an entry of (account, partner, balance) lines; none if it is empty."""
        self.ensure_one()
        lines = [line for line in lines if not self.currency_id.is_zero(line[2])]
        if not lines:
            return self.env["account.move"].sudo()
        moves = self.env["account.move"].sudo().with_company(self)
        move = moves.create(
            {
                "move_type": "entry",
                "journal_id": self.teahouse_balance_journal_id.id,
                "company_id": self.id,
                "date": fields.Date.context_today(self),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner.id,
                            "name": values.get("ref"),
                            "debit": max(balance, 0.0),
                            "credit": max(-balance, 0.0),
                        }
                    )
                    for account, partner, balance in lines
                ],
                **values,
            }
        )
        move.action_post()
        return move

    @api.model
    def _sums_of(self, entries):
        """Return {company: (real, bonus)} taken by entries of wallets."""
        sums = {}
        for entry in entries:
            real, bonus = sums.get(entry.company_id, (0.0, 0.0))
            sums[entry.company_id] = (real - entry.real, bonus - entry.bonus)
        return sums

    def _post_balance(self, tx):
        """Bring a payment by balance, or its refund, into the books.

        The payment itself stands against the debt of the company that was paid. What
        of it was bonus becomes an expense, and what lay with another company moves
        over.
        """
        self.ensure_one()
        company = self.sudo()
        partner = tx.partner_id.commercial_partner_id
        if tx.teahouse_card_id:
            sums = tx.teahouse_card_id._sums_of_payment(tx)
        else:
            sums = self._sums_of(tx.teahouse_entry_ids)
        for owner, (real, bonus) in sums.items():
            owner = owner.sudo()
            values = {"ref": tx.reference, "teahouse_transaction_id": tx.id}
            if owner != company:
                company._post_entry(
                    [
                        (company.teahouse_chain_account_id, partner, real + bonus),
                        (
                            company.teahouse_balance_account_id,
                            partner,
                            -real - bonus,
                        ),
                    ],
                    **values,
                )
                owner._post_entry(
                    [
                        (owner.teahouse_balance_account_id, partner, real + bonus),
                        (owner.teahouse_chain_account_id, partner, -real - bonus),
                    ],
                    **values,
                )
            owner._post_entry(
                [
                    (owner.teahouse_bonus_account_id, partner, bonus),
                    (owner.teahouse_balance_account_id, partner, -bonus),
                ],
                **values,
            )
