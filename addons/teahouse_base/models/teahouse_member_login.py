"""Registration and login of members."""

import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessDenied
from odoo.fields import Command

from ..exceptions import TeahouseError
from ..tools.masking import mask_phone
from ..tools.passwords import MAX_LENGTH, MIN_LENGTH, password_problem
from ..tools.phone import normalise_phone

# (seconds, failures within) for one phone, and for one address.
PHONE_FAILURES = ((900, 10),)
ADDRESS_FAILURES = ((900, 100),)


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    @api.model
    def _enrol(self, phone, name=None, password=None, consent_version=None):
        """Create a member with a portal user of an opaque login.

        :param str phone: in any usual spelling; the caller has verified it. None
            for somebody who logs in by an identity only
        :raise TeahouseError: invalid_request for a number that is not a mobile of
            mainland China, or a poor password
        :return: the member (sudo)
        """
        normal = normalise_phone(phone)
        if not normal and phone is not None:
            raise TeahouseError(
                "invalid_request",
                self.env._("This is not a mobile number of mainland China."),
            )
        if password:
            self._check_password(password, normal)
        user_sudo = self._create_user(name or mask_phone(normal), password)
        member_sudo = self.sudo().create(
            {
                "user_id": user_sudo.id,
                "phone": normal,
                "state": "pending" if self._review_by_hand() else "approved",
                "consent_version": consent_version,
                "consent_at": consent_version and fields.Datetime.now(),
            }
        )
        self.env["teahouse.audit"]._log("member.register", member_sudo)
        return member_sudo

    @api.model
    def _review_by_hand(self):
        params = self.env["ir.config_parameter"].sudo()
        return params.get_param("teahouse_base.member_review") == "manual"

    @api.model
    def _consent_version(self):
        """Return the version of the terms that are in force."""
        params = self.env["ir.config_parameter"].sudo()
        return params.get_param("teahouse_base.consent_version", "1")

    @api.model
    def _create_user(self, name, password=None):
        group = self.env.ref("teahouse_base.teahouse_base_group_member")
        users_sudo = self.env["res.users"].sudo()
        return users_sudo.with_context(no_reset_password=True).create(
            {
                "name": name,
                "login": f"m-{secrets.token_hex(16)}",
                "password": password or secrets.token_urlsafe(32),
                "group_ids": [Command.set(group.ids)],
                "lang": self.env.context.get("lang") or self.env.user.lang,
                "tz": "Asia/Shanghai",
            }
        )

    @api.model
    def _check_password(self, password, phone=""):
        """Refuse a poor password.

        :raise TeahouseError: invalid_request, naming the field
        """
        problem = password_problem(password, phone)
        if problem:
            message = (
                self.env._("This password is too easy to guess.")
                if problem == "common"
                else self.env._(
                    "A password has %(least)s to %(most)s characters.",
                    least=MIN_LENGTH,
                    most=MAX_LENGTH,
                )
            )
            raise TeahouseError(
                "invalid_request", message, [{"field": "password", "message": message}]
            )

    @api.model
    def _login_sms(self, phone, code, consent_version=None):
        """Log in with a code, registering a phone that is not known yet.

        :raise TeahouseError: unauthenticated
        :return: the member (sudo), and whether it is new
        :rtype: tuple
        """
        if not self.env["teahouse.otp"]._verify(phone, "login", code):
            raise self._login_refused(self.env._("The code is wrong or has run out."))
        member_sudo = self._find_by_phone(phone)
        if member_sudo:
            return member_sudo, False
        return self._enrol(phone, consent_version=consent_version), True

    @api.model
    def _login_password(self, phone, password, ip=None):
        """Log in with phone and password.

        An unknown phone costs the time of a known one and has the same answer.

        :raise TeahouseError: unauthenticated, or rate_limited after many failures
        :return: the member (sudo)
        """
        throttle = self.env["teahouse.throttle"]
        normal = normalise_phone(phone) or (phone or "")[:32]
        limits = throttle._limits("teahouse_base.login_limits_phone", PHONE_FAILURES)
        counters = [("login phone", normal, limits)]
        if ip:
            limits = throttle._limits(
                "teahouse_base.login_limits_address", ADDRESS_FAILURES
            )
            counters.append(("login address", ip, limits))
        wait = max(throttle._blocked(*counter) for counter in counters)
        if wait:
            raise TeahouseError(
                "rate_limited",
                self.env._("Too many failed logins. Try again later."),
                retry_after=wait,
            )
        member_sudo = self._find_by_phone(phone)
        if not self._password_matches(member_sudo, password):
            for counter in counters:
                throttle._hit(*counter)
            raise self._login_refused(self.env._("Phone or password is wrong."))
        return member_sudo

    @api.model
    def _password_matches(self, member, password):
        user = member.user_id
        if not user:
            # Hashing costs what verifying does.
            self.env.user._crypt_context().hash(password)
            return False
        try:
            user.with_user(user).sudo()._check_credentials(
                {"type": "password", "password": password, "login": user.login},
                {"interactive": True},
            )
        except AccessDenied:
            return False
        return True

    @api.model
    def _login_refused(self, message):
        return TeahouseError("unauthenticated", message)

    @api.model
    def _set_password_by_code(self, phone, code, password):
        """Set the password of the owner of a phone; all sessions end.

        The owner of a phone that is not known yet becomes a member.

        :raise TeahouseError: invalid_request for a poor password or a wrong code
        """
        self._check_password(password, phone)
        if not self.env["teahouse.otp"]._verify(phone, "password", code):
            message = self.env._("The code is wrong or has run out.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "code", "message": message}]
            )
        member_sudo = self._find_by_phone(phone)
        if not member_sudo:
            self._enrol(phone, password=password)
            return
        member_sudo.user_id.password = password
        self.env["teahouse.audit"]._log("member.password", member_sudo)
        self.env["teahouse.notification"]._notify(
            member_sudo,
            "password_changed",
            {},
            event_key=f"password-{member_sudo.id}-{fields.Datetime.now()}",
        )

    def _change_phone(self, phone, code, password=None, old_code=None, merge=False):
        """Move the member to another phone; the old one is told.

        A member without a phone, who came by WeChat or Alipay, has neither password
        nor old phone to show.

        :param str code: sent to the new phone for ``bind``
        :param str password: of the member, or
        :param str old_code: sent to the present phone for ``bind``
        :param bool merge: the phone of another member makes this one a part of it
        :raise TeahouseError: unauthenticated without the one or the other;
            invalid_request for a wrong code or a phone that is taken
        :return: the member (sudo) that the phone belongs to now
        """
        self.ensure_one()
        member_sudo = self.sudo()
        otp = self.env["teahouse.otp"]
        if not member_sudo.phone:
            known = True
        elif not old_code and not password:
            message = self.env._("Give the password, or a code to the present phone.")
            errors = [{"field": "password", "message": message}]
            raise TeahouseError("invalid_request", message, errors)
        elif old_code:
            known = otp._verify(member_sudo.phone, "bind", old_code)
        else:
            known = self._password_again(password)
        if not known:
            raise self._login_refused(self.env._("Phone or password is wrong."))
        if not otp._verify(phone, "bind", code):
            message = self.env._("The code is wrong or has run out.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "code", "message": message}]
            )
        owner = self._find_by_phone(phone)
        if owner and owner != member_sudo and merge:
            member_sudo._merge(owner)
            return owner
        if owner and owner != member_sudo:
            message = self.env._("This phone number belongs to another member.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "phone", "message": message}]
            )
        old = member_sudo.phone
        member_sudo.phone = phone
        audit_detail = {"from": mask_phone(old), "to": member_sudo.phone_masked}
        self.env["teahouse.audit"]._log("member.phone", member_sudo, audit_detail)
        if old:
            self.env["teahouse.notification"]._queue_sms(
                old,
                "phone_changed",
                {"phone": member_sudo.phone_masked},
                event_key=f"phone-{member_sudo.id}-{fields.Datetime.now()}",
                member=member_sudo,
            )
        return member_sudo

    def _password_again(self, password):
        """Check the member's password under the limits of the login."""
        if not password:
            return False
        try:
            self._login_password(self.sudo().phone, password)
        except TeahouseError as error:
            if error.code != "unauthenticated":
                raise
            return False
        return True

    def _revoke_sessions(self, keep=None):
        """End all sessions of the member, but for ``keep``."""
        sessions_sudo = self.sudo().session_ids
        (sessions_sudo - keep if keep else sessions_sudo)._revoke()
