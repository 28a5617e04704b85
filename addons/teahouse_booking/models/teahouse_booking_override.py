from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

MANAGER = "teahouse_base.teahouse_base_group_manager"
#: Rules that a manager may set aside: codes of the engine, closed times, and the number
#: of unpaid holds. Never the size of the room, and never what somebody else booked.
WAIVABLE = frozenset(
    ("past", "lead", "horizon", "grid", "short", "long", "closed", "holds")
)


class TeahouseBooking(models.Model):
    """Exceptions from a room's rules, with a reason that is kept."""

    _inherit = "teahouse.booking"

    override_reason = fields.Char(
        string="Exception",
        readonly=True,
        copy=False,
        help="Why a manager set the room's rules aside.",
    )

    @api.model
    def _waived(self, reason):
        """Return the rules that do not count for the caller; none without a reason.

        :param str reason: why, or None to keep to the rules
        :raise TeahouseError: forbidden, for who is no manager
        """
        if not (reason or "").strip():
            return frozenset()
        if not self.env.user.has_group(MANAGER):
            raise TeahouseError(
                "forbidden", self.env._("Exceptions are for managers to make.")
            )
        return WAIVABLE

    def _keep_override(self, step, reason):
        """Keep the reason of an exception with the booking and in the audit trail."""
        if not (reason or "").strip():
            return
        for booking_sudo in self.sudo():
            booking_sudo.override_reason = reason
            self.env["teahouse.audit"]._log(
                "booking.override",
                booking_sudo,
                {"ref": booking_sudo.ref, "step": step, "reason": reason},
            )
