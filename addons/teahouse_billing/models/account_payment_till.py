from odoo import fields, models
from odoo.exceptions import UserError


class AccountPayment(models.Model):
    _inherit = "account.payment"

    teahouse_till_id = fields.Many2one(
        "teahouse.till",
        string="Till",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    till_required = fields.Boolean(
        string="Money at the counter needs an open till",
        help="Staff open the till before they take money, and count it at the end.",
    )


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _counter_values(self, journal, amount):
        """Override to note in which till the money lies.

        :raise UserError: the store wants an open till and there is none
        """
        till_sudo = self.env["teahouse.till"]._open_of(self.store_id)
        if self.store_id.till_required and not till_sudo:
            raise UserError(self.env._("Please open the till of the store first."))
        if till_sudo:
            # A till that is being closed is waited for; it is not open afterwards.
            till_sudo.lock_for_update()
            till_sudo._make_lines()
        values = super()._counter_values(journal, amount)
        return {**values, "teahouse_till_id": till_sudo.id}
