from odoo import api, models

from ..const import BALANCE


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _api_payment_methods(self):
        """Override of `teahouse_billing`: a balance pays as well."""
        return {**super()._api_payment_methods(), "balance": BALANCE}

    @api.model
    def _api_admit_payment(self, body):
        """Override of `teahouse_billing`: parallel payments by one balance wait for
        one another instead of failing."""
        super()._api_admit_payment(body)
        member = self.env["teahouse.member"]._current()
        if body.method == "balance" and member:
            self.env["teahouse.wallet"]._enter(member)

    def _due_cover_methods(self):
        """Override of `teahouse_billing`: what is due after the stay comes out of the
        balance, where the company says so."""
        methods = super()._due_cover_methods()
        company = self.company_id.sudo()
        if not company.teahouse_balance_covers_due or not self.member_id:
            return methods
        wallets = self.env["teahouse.wallet"]._usable_for(self)
        there = sum(wallets.mapped("total"))
        ready = company.teahouse_balance_journal_id
        return [*methods, ("balance", there)] if there > 0 and ready else methods

    def _open_methods(self):
        """Override of `teahouse_billing`: a balance is offered where it is enough."""
        methods = super()._open_methods()
        if "balance" not in methods:
            return methods
        there = sum(self.env["teahouse.wallet"]._usable_for(self).mapped("total"))
        if self.currency_id.compare_amounts(there, self.amount_due) >= 0:
            return methods
        return [method for method in methods if method != "balance"]
