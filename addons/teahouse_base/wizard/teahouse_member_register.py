from odoo import fields, models

from ..exceptions import TeahouseError
from ..tools.phone import normalise_phone


class TeahouseMemberRegister(models.TransientModel):
    """Staff register a guest at the counter, who agrees to it there."""

    _name = "teahouse.member.register"
    _description = "Register a member"

    phone = fields.Char(required=True)
    name = fields.Char(string="Nickname")
    consent = fields.Boolean(
        string="The guest agreed to the terms", help="Asked at the counter."
    )

    def action_register(self):
        """Open the member of this phone, registering it if need be."""
        self.ensure_one()
        # The wizard's row must not keep the number in clear.
        phone, self.phone = normalise_phone(self.phone), "-"
        members = self.env["teahouse.member"]
        if not phone:
            raise TeahouseError(
                "invalid_request",
                self.env._("This is not a mobile number of mainland China."),
            )
        member_sudo = members._find_by_phone(phone)
        if not member_sudo:
            version = members._consent_version() if self.consent else None
            member_sudo = members._enrol(
                phone, name=self.name or None, consent_version=version
            )
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.member",
            "res_id": member_sudo.id,
            "views": [(False, "form")],
        }
