"""Reveal, export and erasure of what is known about a member."""

import secrets

from odoo import SUPERUSER_ID, models
from odoo.exceptions import AccessError

REVEAL_GROUP = "teahouse_base.teahouse_base_group_reveal"


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _reveal_phone(self):
        """Return the whole phone number (E.164), leaving a trace.

        :raise AccessError: the user has no right to it
        """
        self.ensure_one()
        if not self.env.user.has_group(REVEAL_GROUP):
            raise AccessError(
                self.env._("Seeing whole phone numbers is a right of its own.")
            )
        self.check_access("read")
        self.env["teahouse.audit"]._log("member.reveal", self)
        return self.sudo().phone or ""

    def action_reveal_phone(self):
        """Show the whole phone number for a moment."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "title": self.name,
                "message": self._reveal_phone() or self.env._("No phone."),
                "type": "info",
                "sticky": True,
            },
        }

    def _export(self):
        """Return all that is kept about the member, as JSON values.

        Upper addons add their own keys.
        """
        self.ensure_one()
        member_sudo = self.sudo()
        return {
            "member": {**self._api_values(), "phone": member_sudo.phone},
            "preferences": self._api_preferences(),
            "identities": [
                {"provider": identity.provider, "app_id": identity.app_id}
                for identity in member_sudo.identity_ids
            ],
            "sessions": [session._api_values() for session in member_sudo.session_ids],
            "notifications": [
                notification._api_values()
                for notification in self.env["teahouse.notification"]
                .sudo()
                .search([("member_id", "=", self.id)])
            ],
        }

    def _check_can_erase(self):
        """Refuse an erasure while something is open. Upper addons add reasons.

        :raise TeahouseError: invalid_state
        """

    def _erase(self):
        """Forget the person and keep the books.

        The contact stays, for the invoices, under a name that says nothing.

        :raise TeahouseError: invalid_state, see :meth:`_check_can_erase`
        """
        self.ensure_one()
        self._check_can_erase()
        # The user who asks cannot archive itself.
        member_sudo = self.with_user(SUPERUSER_ID).sudo()
        self.env["teahouse.audit"]._log("member.erase", self)
        self._forget(member_sudo)
        member_sudo.user_id.write(
            {"password": secrets.token_urlsafe(32), "active": False}
        )

    def _forget(self, member_sudo):
        """Remove the personal data; upper addons add theirs.

        :param member_sudo: the member, in an environment that may change anything
        """
        env = member_sudo.env
        member_sudo._revoke_sessions()
        for model in ("teahouse.notification", "teahouse.upload", "teahouse.session"):
            env[model].search([("member_id", "=", member_sudo.id)]).unlink()
        member_sudo.identity_ids.unlink()
        # Chatter and its tracked values name the person; what it wrote itself stays
        # under the name that says nothing.
        member_sudo.message_ids.unlink()
        member_sudo.partner_id.message_ids.unlink()
        env["mail.message"].search(
            [("author_id", "=", member_sudo.partner_id.id)]
        ).email_from = False
        self._forget_tracked(member_sudo)
        member_sudo.partner_id.write(
            {
                "name": env._("Erased member %s", member_sudo.id),
                "email": False,
                "phone": False,
                "street": False,
                "street2": False,
                "city": False,
                "zip": False,
                "comment": False,
                "image_1920": False,
            }
        )
        member_sudo.write(
            {
                "phone": False,
                "birthday": False,
                "gender": False,
                "avatar": False,
                "state_reason": False,
                "active": False,
            }
        )

    def _forget_tracked(self, member_sudo):
        """Blank the names that the history of other records has kept."""
        for record in (member_sudo, member_sudo.partner_id):
            changed = member_sudo.env["mail.tracking.value"].search(
                [
                    ("field_id.relation", "=", record._name),
                    "|",
                    ("old_value_integer", "=", record.id),
                    ("new_value_integer", "=", record.id),
                ]
            )
            for value in changed:
                for side in ("old", "new"):
                    if value[f"{side}_value_integer"] == record.id:
                        value[f"{side}_value_char"] = f"#{record.id}"
