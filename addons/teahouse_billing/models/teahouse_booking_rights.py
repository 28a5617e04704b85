from odoo import models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseBooking(models.Model):
    """Who may give money away at the counter."""

    _inherit = "teahouse.booking"

    def _check_counter(self, step, by=None):
        """Override: rooms without payment, and more than the policy, need a right.

        Staff give nothing away, managers up to the limit of the company, owners and
        accountants anything.

        :raise TeahouseError: forbidden
        """
        super()._check_counter(step, by)
        user = self.env.user
        if self.env.su or user.has_group("teahouse_base.teahouse_base_group_owner"):
            return
        if user.has_group("teahouse_base.teahouse_base_group_accountant"):
            return
        manager = user.has_group("teahouse_base.teahouse_base_group_manager")
        for booking_sudo in self.sudo():
            given = booking_sudo._given_away(step, by)
            limit = booking_sudo.company_id.teahouse_reduction_limit if manager else 0
            if booking_sudo.currency_id.compare_amounts(given, limit) > 0:
                raise TeahouseError(
                    "forbidden",
                    self.env._(
                        "This gives %(amount)s away; you may give up to %(limit)s.",
                        amount=booking_sudo.currency_id.format(given),
                        limit=booking_sudo.currency_id.format(limit),
                    ),
                )

    def _given_away(self, step, by):
        """Return the money that a step at the counter forgoes."""
        self.ensure_one()
        if step == "confirm":
            return self.amount_due
        if step == "cancel" and by == "store":
            return self.amount_paid * (100 - self._refund_percent()) / 100
        return 0
