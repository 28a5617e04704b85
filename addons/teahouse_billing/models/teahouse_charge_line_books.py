from odoo import models


class TeahouseChargeLine(models.Model):
    """On which income account a charge is posted."""

    _inherit = "teahouse.charge.line"

    def _invoice_line_values(self, sign=1):
        """Override to post rooms, goods and fees apart."""
        values = super()._invoice_line_values(sign)
        if account := self._income_account():
            values["account_id"] = account.id
        return values

    def _income_account(self):
        """Return the account (sudo); goods keep one that their product names."""
        self.ensure_one()
        company = self.company_id.sudo()
        product = self.product_id.sudo().with_company(company)
        own = product.property_account_income_id
        usual = product.categ_id.property_account_income_categ_id
        # Every category has the company's account unless somebody chose another one.
        if not own and usual != company.income_account_id:
            own = usual
        return own or company._teahouse_income_account(self.kind)


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _invoice_values(self, lines, sign):
        """Override to post stays in their own journal."""
        values = super()._invoice_values(lines, sign)
        if journal := self.company_id.sudo().teahouse_journal_id:
            values["journal_id"] = journal.id
        return values
