from odoo import api, fields, models

#: Accounts that the books of tea rooms need: key, code in China's chart, type, name.
ACCOUNTS = (
    ("stay", "500101", "income", "Room income"),
    ("goods", "500102", "income", "Goods income"),
    ("fee", "500103", "income", "Fees and overtime"),
    ("rent", "560111", "expense", "Rent"),
    ("utilities", "560112", "expense", "Water, power and gas"),
    ("maintenance", "560113", "expense", "Repairs and maintenance"),
    ("cleaning", "560114", "expense", "Cleaning"),
    ("supplies", "560115", "expense", "Tea and supplies"),
    ("network", "560116", "expense", "Network and telephone"),
    ("other", "560119", "expense", "Other expenses of stores"),
)
#: Apart from the others, as it is no kind of expense that people enter.
GATEWAY_FEES = ("560311", "expense", "Fees of payment providers")
INCOME_KEYS = ("stay", "goods", "fee")
CHINA = "cn"


class ResCompany(models.Model):
    """The journal, the accounts and the kinds of expenses of a tea room company."""

    _inherit = "res.company"

    teahouse_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of stays",
        domain="[('type', '=', 'sale')]",
        check_company=True,
        help="Invoices of stays are posted here; the first sales journal if empty.",
    )
    teahouse_stay_account_id = fields.Many2one(
        "account.account", string="Income from rooms", check_company=True
    )
    teahouse_goods_account_id = fields.Many2one(
        "account.account", string="Income from goods", check_company=True
    )
    teahouse_fee_account_id = fields.Many2one(
        "account.account", string="Income from fees and overtime", check_company=True
    )
    teahouse_gateway_fee_account_id = fields.Many2one(
        "account.account", string="Fees of payment providers", check_company=True
    )
    teahouse_post_fees = fields.Boolean(
        string="Post the fees of payment providers",
        default=True,
        help="By itself, as soon as a provider's statement is there.",
    )
    teahouse_books_ready = fields.Boolean(
        readonly=True, help="Journal and accounts were set up; not again by itself."
    )

    def _teahouse_setup_accounting(self):
        """Override to set up the journal and the accounts, too."""
        result = super()._teahouse_setup_accounting()
        for company in self.sudo():
            if company.chart_template and not company.teahouse_books_ready:
                company.teahouse_books_ready = True
                company._teahouse_setup_books()
        return result

    @api.model
    def _teahouse_setup_all(self):
        """Set up the books of all companies that have their chart of accounts."""
        self.search([])._teahouse_setup_accounting()

    def _teahouse_setup_books(self):
        """Make the journal of stays, accounts of its own and kinds of expenses.

        China's chart gets an account for each, below its income and sales expenses;
        other charts keep what they have, and the accountant splits it as needed.
        """
        self.ensure_one()
        accounts = self._teahouse_make_accounts()
        for key in INCOME_KEYS:
            name = f"teahouse_{key}_account_id"
            if not self[name]:
                self[name] = accounts[key]
        if not self.teahouse_journal_id:
            self.teahouse_journal_id = self._teahouse_make_journal(accounts["stay"])
        self._teahouse_make_categories(accounts)

    def _teahouse_make_accounts(self):
        """Return the accounts (sudo) by key, made where the chart is China's."""
        self.ensure_one()
        made = {}
        for key, code, kind, name in ACCOUNTS:
            if self.chart_template == CHINA:
                made[key] = self._teahouse_make_account(code, kind, name)
            else:
                made[key] = self._teahouse_usual_account(kind)
        return made

    def _teahouse_gateway_fee_account(self):
        """Return the account (sudo) of what payment providers keep; made if need be."""
        self.ensure_one()
        if not self.teahouse_gateway_fee_account_id and self.chart_template:
            code, kind, name = GATEWAY_FEES
            self.teahouse_gateway_fee_account_id = (
                self._teahouse_make_account(code, kind, name)
                if self.chart_template == CHINA
                else self._teahouse_usual_account(kind)
            )
        return self.teahouse_gateway_fee_account_id

    def _teahouse_make_account(self, code, kind, name):
        accounts = self.env["account.account"].sudo().with_company(self)
        found = accounts.search(
            [*accounts._check_company_domain(self), ("code", "=", code)], limit=1
        )
        if found:
            return found
        account = accounts.create(
            {
                "code": code,
                "account_type": kind,
                "name": name,
                "company_ids": [fields.Command.link(self.id)],
            }
        )
        self._teahouse_translate(account, name)
        return account

    def _teahouse_usual_account(self, kind):
        name = "income_account_id" if kind == "income" else "expense_account_id"
        accounts = self.env["account.account"].sudo().with_company(self)
        return self[name] or accounts.search(
            [*accounts._check_company_domain(self), ("account_type", "=", kind)],
            limit=1,
        )

    def _teahouse_make_journal(self, account):
        """Return the sales journal (sudo) of stays."""
        self.ensure_one()
        journals = self.env["account.journal"].sudo().with_company(self)
        domain = journals._check_company_domain(self)
        found = journals.search([*domain, ("code", "=", "TEA")], limit=1)
        if found:
            return found
        journal = journals.create(
            {
                "name": "Tea room sales",
                "code": "TEA",
                "type": "sale",
                "company_id": self.id,
                "default_account_id": account.id,
                "sequence": 20,
            }
        )
        self._teahouse_translate(journal, "Tea room sales")
        return journal

    def _teahouse_make_categories(self, accounts):
        categories = self.env["teahouse.expense.category"].sudo()
        if categories.search_count([("company_id", "=", self.id)], limit=1):
            return
        for sequence, (key, _code, kind, name) in enumerate(ACCOUNTS):
            if kind == "expense" and accounts[key]:
                category = categories.create(
                    {
                        "name": name,
                        "sequence": sequence,
                        "company_id": self.id,
                        "account_id": accounts[key].id,
                    }
                )
                self._teahouse_translate(category, name)

    def _teahouse_translate(self, record, name):
        """Name a record of ours in every language that is installed."""
        for code, _label in self.env["res.lang"].get_installed():
            translated = self.with_context(lang=code)._teahouse_word(name)
            record.with_context(lang=code).name = translated

    @api.model
    def _teahouse_word(self, name):
        """Return the name of a journal, an account or a category in the language."""
        words = {
            "Tea room sales": self.env._("Tea room sales"),
            "Room income": self.env._("Room income"),
            "Goods income": self.env._("Goods income"),
            "Fees and overtime": self.env._("Fees and overtime"),
            "Fees of payment providers": self.env._("Fees of payment providers"),
            "Rent": self.env._("Rent"),
            "Water, power and gas": self.env._("Water, power and gas"),
            "Repairs and maintenance": self.env._("Repairs and maintenance"),
            "Cleaning": self.env._("Cleaning"),
            "Tea and supplies": self.env._("Tea and supplies"),
            "Network and telephone": self.env._("Network and telephone"),
            "Other expenses of stores": self.env._("Other expenses of stores"),
        }
        return words[name]

    def _teahouse_sundry_vendor(self):
        """Return the partner that stands for vendors without a name."""
        self.ensure_one()
        return self.env.ref("teahouse_billing.partner_sundry_vendor").sudo()

    def _teahouse_income_account(self, kind):
        """Return the income account (sudo) of a kind of charge, possibly none.

        :param str kind: of a charge line
        """
        self.ensure_one()
        key = {"goods": "goods", "fee": "fee", "overtime": "fee"}.get(kind, "stay")
        return self.sudo()[f"teahouse_{key}_account_id"]
