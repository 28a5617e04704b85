import hmac
import logging
import secrets
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import NO_ACCESS

from odoo.addons.field_encrypted.keyring import keyring

from ..exceptions import TeahouseError
from ..tools.phone import normalise_phone

_logger = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=5)
TRIES = 5
# (seconds, codes within): one a minute, five an hour, ten a day and phone.
PHONE_LIMITS = ((60, 1), (3600, 5), (86400, 10))


class TeahouseOtp(models.Model):
    """Six digits sent by SMS. Only a keyed hash is kept, bound to phone and purpose."""

    _name = "teahouse.otp"
    _description = "One-time code"
    _order = "id desc"

    purpose = fields.Selection(
        [("login", "Login"), ("password", "New password"), ("bind", "Bind phone")],
        required=True,
    )
    phone_hash = fields.Char(required=True, index=True, groups=NO_ACCESS)
    salt = fields.Char(required=True, groups=NO_ACCESS)
    code_hash = fields.Char(required=True, groups=NO_ACCESS)
    expires_at = fields.Datetime(required=True)
    used_at = fields.Datetime()

    @api.model
    def _issue(self, phone, purpose, ip=None, proof=None):
        """Send a code to a phone. Nothing tells whether the phone is known.

        A newer code of the same purpose voids the older ones.

        :param proof: a solved riddle of ``teahouse.human.check``: an address that has
            asked for many codes may go on with one
        :raise TeahouseError: invalid_request for a number abroad or malformed,
            rate_limited with ``retry_after``
        """
        normal = normalise_phone(phone)
        if not normal:
            message = self.env._("This is not a mobile number of mainland China.")
            raise TeahouseError(
                "invalid_request", message, [{"field": "phone", "message": message}]
            )
        self._check_limits(normal, ip, proof)
        code = f"{secrets.randbelow(10**6):06d}"
        salt = secrets.token_hex(16)
        now = fields.Datetime.now()
        phone_hash = self._phone_hash(normal)
        self.sudo()._live(phone_hash, purpose).write({"used_at": now})
        self.sudo().create(
            {
                "purpose": purpose,
                "phone_hash": phone_hash,
                "salt": salt,
                "code_hash": self._code_hash(normal, purpose, salt, code),
                "expires_at": now + LIFETIME,
            }
        )
        self.env["teahouse.notification"]._queue_code(
            normal, purpose, code, now + LIFETIME
        )

    @api.model
    def _check_limits(self, phone, ip, proof=None):
        """Count the wish for a code.

        An address beyond its limit may be that of many people (a mobile network): who
        solves a riddle goes on, up to a second limit.
        """
        throttle = self.env["teahouse.throttle"]
        limits = throttle._limits("teahouse_base.sms_limits_phone", PHONE_LIMITS)
        # No riddle leads past the limits of a phone, so they are looked at first, and
        # counted last: a wish that lacks a riddle is no code.
        wait, errors = throttle._blocked("sms phone", phone, limits), None
        if not wait and ip:
            wait, errors = self._check_address(ip, proof)
        if not wait:
            wait = throttle._hit("sms phone", phone, limits)
        if not wait:
            wait = self._check_day()
        if wait:
            raise TeahouseError(
                "rate_limited",
                self.env._("Too many codes were asked for. Try again later."),
                errors,
                retry_after=wait,
            )

    @api.model
    def _check_address(self, ip, proof):
        """Count a code of an address; return the seconds to wait, and what is wrong."""
        throttle = self.env["teahouse.throttle"]
        checks = self.env["teahouse.human.check"]
        hour = ((3600, self._setting("sms_per_address_hour", 10)),)
        wait = throttle._hit("sms address", ip, hour)
        if not wait or not checks._kind():
            return wait, None
        if not checks._passed(proof):
            message = self.env._("Solve a riddle of /auth/challenges to go on.")
            return wait, [{"field": "proof", "message": message}]
        hour = ((3600, self._setting("sms_per_address_hour_checked", 100)),)
        return throttle._hit("sms address checked", ip, hour), None

    @api.model
    def _setting(self, name, default):
        params = self.env["ir.config_parameter"].sudo()
        return int(params.get_param(f"teahouse_base.{name}", default))

    @api.model
    def _check_day(self):
        """Count a code of the day; tell the owners when there are no more.

        :return: 0, or the seconds to wait
        """
        throttle = self.env["teahouse.throttle"]
        most = self._setting("sms_per_day", 5000)
        wait = throttle._hit("sms all", "", ((86400, most),))
        if wait and not throttle._hit("sms alarm", "", ((86400, 1),)):
            _logger.error("No more codes today: %s were sent within a day.", most)
            registry = self.env.registry
            # The request is refused and rolled back: the message has to survive it.
            self.env.cr.postrollback.add(lambda: _tell_owners(registry, most))
        return wait

    @api.model
    def _verify(self, phone, purpose, code):
        """Tell whether a code is right, and use it up if so.

        Each try is counted beforehand, in a transaction of its own, so that tries
        in parallel or rolled back count as well. Using the code up belongs to the
        caller's transaction: of two that use it at once one is replayed and fails.

        :rtype: bool
        """
        normal = normalise_phone(phone)
        otp_sudo = self.sudo().browse()
        if normal:
            otp_sudo = self.sudo()._live(self._phone_hash(normal), purpose)[:1]
        if not otp_sudo or self.env["teahouse.throttle"]._hit(
            "otp try", otp_sudo.id, ((86400, TRIES),)
        ):
            return False
        expected = self._code_hash(normal, purpose, otp_sudo.salt, str(code))
        if not hmac.compare_digest(expected, otp_sudo.code_hash):
            return False
        otp_sudo.used_at = fields.Datetime.now()
        return True

    @api.model
    def _live(self, phone_hash, purpose):
        return self.search(
            [
                ("phone_hash", "=", phone_hash),
                ("purpose", "=", purpose),
                ("used_at", "=", False),
                ("expires_at", ">", fields.Datetime.now()),
            ]
        )

    @api.model
    def _phone_hash(self, phone):
        return keyring().mac("otp phone", phone.encode()).hex()

    @api.model
    def _code_hash(self, phone, purpose, salt, code):
        text = "|".join((phone, purpose, salt, code))
        return keyring().mac("otp code", text.encode()).hex()

    @api.autovacuum
    def _gc_old(self):
        limit = fields.Datetime.now() - timedelta(days=1)
        self.sudo().search([("expires_at", "<", limit)], limit=10000).unlink()


def _tell_owners(registry, most):
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        owners = env.ref("teahouse_base.teahouse_base_group_owner").all_user_ids
        env["teahouse.notification"]._notify(
            owners.filtered(lambda user: not user.share and user.active),
            "sms_cap",
            {"most": most},
            event_key=f"sms-cap-{fields.Date.today()}",
        )
