from odoo import api, models

from ..api import page
from ..exceptions import TeahouseError


class TeahouseIdentity(models.Model):
    _inherit = "teahouse.identity"

    def _api_values(self):
        """Return the identity for its member; the subject stays inside."""
        self.ensure_one()
        identity_sudo = self.sudo()
        return {
            "id": identity_sudo.id,
            "provider": identity_sudo.provider,
            "app_id": identity_sudo.app_id,
            "created_at": identity_sudo.member_id._iso(identity_sudo.create_date),
        }

    @api.model
    def _api_list(self, member):
        """Return the member's identities."""
        found_sudo = self.sudo().search([("member_id", "=", member.id)])
        return page([identity._api_values() for identity in found_sudo])

    @api.model
    def _api_bind(self, member, body):
        """Bind an identity to the member.

        :param body: see ``IdentityCreate``
        :raise TeahouseError: invalid_request, the provider is not set up or the
            identity belongs to somebody else
        """
        return getattr(self, f"_bind_{body.provider}")(member, body)._api_values()

    @api.model
    def _bind_refused(self):
        message = self.env._("This provider is not set up here.")
        errors = [{"field": "provider", "message": message}]
        return TeahouseError("invalid_request", message, errors)

    @api.model
    def _api_unbind(self, member, identity_id):
        """Forget an identity of the member.

        :raise TeahouseError: not_found, also for one of somebody else;
            invalid_state for the last way to log in
        """
        identity_sudo = self.sudo().search(
            [("id", "=", identity_id), ("member_id", "=", member.id)]
        )
        if not identity_sudo:
            raise TeahouseError("not_found", self.env._("There is no such identity."))
        identity_sudo._check_can_unbind()
        detail = {"provider": identity_sudo.provider}
        self.env["teahouse.audit"]._log("identity.unbind", member, detail)
        identity_sudo.unlink()
