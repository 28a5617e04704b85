"""Login by WeChat and Alipay, and binding them to a member."""

from odoo import api, models

from ..exceptions import TeahouseError


class TeahouseSession(models.Model):
    _inherit = "teahouse.session"

    @api.model
    def _grant_wechat(self, body, ip):
        app_sudo = self.env["teahouse.platform.app"]._of_kind(body.app)
        return self._grant_identity(app_sudo, body.code, body)

    @api.model
    def _grant_alipay(self, body, ip):
        app_sudo = self.env["teahouse.platform.app"]._of_kind("alipay")
        return self._grant_identity(app_sudo, body.auth_code, body)

    @api.model
    def _grant_identity(self, app, code, body):
        """Log in who a platform knows.

        All questions to the platform come before the first write.

        :param app: teahouse.platform.app (sudo)
        :return: the member (sudo), and whether it is new
        """
        if not app:
            raise self._grant_refused()
        identities = self.env["teahouse.identity"]
        subject = app._identify(code)
        member_sudo = identities._find(app, subject).member_id
        phone = None
        if body.phone_code and app.kind == "mini_program" and not member_sudo.phone:
            phone = app._phone(body.phone_code)
        owner_sudo = self.env["teahouse.member"]._find_by_phone(phone)
        if not member_sudo:
            is_new = not owner_sudo
            member_sudo = owner_sudo or self.env["teahouse.member"]._enrol_unknown(
                phone, body.consent_version
            )
            identities._bind(member_sudo, app, subject)
            return member_sudo, is_new
        if owner_sudo:
            # The platform vouches for the phone: both are one person.
            member_sudo._merge(owner_sudo)
            return owner_sudo, False
        if phone:
            member_sudo._set_first_phone(phone)
        return member_sudo, False


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    @api.model
    def _enrol_unknown(self, phone, consent_version=None):
        """Register somebody that a platform knows, perhaps without a phone."""
        name = None if phone else self.env._("Tea friend")
        return self._enrol(phone, name=name, consent_version=consent_version)

    def _set_first_phone(self, phone):
        """Give a verified phone to a member that had none."""
        self.ensure_one()
        member_sudo = self.sudo()
        member_sudo.phone = phone
        detail = {"to": member_sudo.phone_masked}
        self.env["teahouse.audit"]._log("member.phone", member_sudo, detail)


class TeahouseIdentity(models.Model):
    _inherit = "teahouse.identity"

    @api.model
    def _find(self, app, subject):
        """Return the identity (sudo) of a subject, or an empty recordset."""
        return self.sudo().search(
            [
                ("provider", "=", app._provider()),
                ("app_id", "=", app.app_id),
                ("subject", "=", subject),
            ],
            limit=1,
        )

    @api.model
    def _bind(self, member, app, subject):
        """Note that a subject is the member; returns the identity (sudo)."""
        identity_sudo = self.sudo().create(
            {
                "member_id": member.id,
                "provider": app._provider(),
                "app_id": app.app_id,
                "subject": subject,
            }
        )
        self.env["teahouse.audit"]._log(
            "identity.bind", member, {"provider": app._provider()}
        )
        return identity_sudo

    @api.model
    def _bind_wechat(self, member, body):
        app_sudo = self.env["teahouse.platform.app"]._of_kind(body.app)
        return self._bind_code(member, app_sudo, body.code, "code")

    @api.model
    def _bind_alipay(self, member, body):
        app_sudo = self.env["teahouse.platform.app"]._of_kind("alipay")
        return self._bind_code(member, app_sudo, body.auth_code, "auth_code")

    @api.model
    def _bind_code(self, member, app, code, field):
        """Bind who gave a code.

        :raise TeahouseError: invalid_request for a code that is not valid, or an
            identity of somebody else
        """
        if not app:
            raise self._bind_refused()
        try:
            subject = app._identify(code)
        except TeahouseError as error:
            if error.code != "unauthenticated":
                raise
            message = str(error)
            errors = [{"field": field, "message": message}]
            raise TeahouseError("invalid_request", message, errors) from error
        identity_sudo = self._find(app, subject)
        if not identity_sudo:
            return self._bind(member, app, subject)
        if identity_sudo.member_id != member:
            message = self.env._(
                "It belongs to another member. Log in with it, and bind your phone."
            )
            errors = [{"field": field, "message": message}]
            raise TeahouseError("invalid_request", message, errors)
        return identity_sudo

    def _check_can_unbind(self):
        """Refuse to take the last way to log in away.

        :raise TeahouseError: invalid_state
        """
        self.ensure_one()
        member_sudo = self.sudo().member_id
        member_sudo._hold()
        apps = self.env["teahouse.platform.app"].sudo().search([])
        known = {(app._provider(), app.app_id) for app in apps}
        others = member_sudo.identity_ids - self
        if not member_sudo.phone and not any(
            (other.provider, other.app_id) in known for other in others
        ):
            raise TeahouseError(
                "invalid_state",
                self.env._("It is your only way to log in. Bind a phone first."),
            )
