from odoo import fields, models


class TeahouseExpenseCategory(models.Model):
    """What money is spent on: rent, utilities, maintenance."""

    _name = "teahouse.expense.category"
    _description = "Expense category"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    account_id = fields.Many2one(
        "account.account",
        required=True,
        check_company=True,
        domain="[('account_type', 'in', ('expense', 'expense_direct_cost', 'expense_depreciation', 'expense_other'))]",  # noqa: E501
        help="Where the bills of this kind are posted.",
    )
    tax_id = fields.Many2one(
        "account.tax",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase'), ('price_include', '=', True)]",
        help="Tax included in the amount, where the vendor's invoice allows to deduct "
        "it.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Usual vendor", check_company=True
    )

    _name_unique = models.Constraint(
        "UNIQUE(company_id, name)", "There is such a category already."
    )
