from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseBookingCustomerMixin(models.AbstractModel):
    """What the screens of the counter ask for: who comes, and why the rules do not
    count."""

    _name = "teahouse.booking.customer.mixin"
    _description = "Customer at the counter"

    phone = fields.Char(help="Mobile number; a new one becomes a member.")
    name = fields.Char(string="Customer")

    @api.model
    def _next_half_hour(self):
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        return now + timedelta(minutes=-now.minute % 30)

    def _exception(self):
        """Return the reason of an exception, None where none is made.

        :raise TeahouseError: invalid_request without a reason
        """
        if not self.override:
            return None
        if not (self.reason or "").strip():
            raise TeahouseError(
                "invalid_request", self.env._("Say why the rules do not count.")
            )
        return self.reason

    def _find_member(self):
        """Return the member (sudo) of the phone number; a new one is enrolled."""
        members_sudo = self.env["teahouse.member"].sudo()
        if not self.phone:
            return members_sudo
        return members_sudo._find_by_phone(self.phone) or members_sudo._enrol(
            self.phone, name=self.name
        )

    def _find_customer(self):
        """Return the member (sudo), and the partner (sudo) of who has only a name."""
        member_sudo = self._find_member()
        partner_sudo = self.env["res.partner"].sudo()
        if not member_sudo and self.name:
            partner_sudo = partner_sudo.create({"name": self.name})
        return member_sudo, partner_sudo
