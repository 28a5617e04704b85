import hmac
import re
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import config

from odoo.addons.field_encrypted.keyring import keyring
from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..tools import db_now
from .teahouse_device import KINDS

#: Announcements are cheap to make: so many wait at most, and not for ever.
MAX_WAITING = 500
FORGET_DAYS = 30
CODE_MINUTES = 60
#: After being bound a device may fetch its credential until it was online with it.
FETCH_HOURS = 24
RETRY_SECONDS = 10
#: No 0, O, 1, I, L: codes are read from labels and typed on keypads.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_NOISE = re.compile(r"[^0-9A-Z]")


def plain_code(text):
    """Return a claim code as it is compared: capitals and digits only."""
    return _NOISE.sub("", (text or "").upper())


def mac(purpose, text):
    """Return the keyed hash under which codes and secrets are kept."""
    return keyring().mac(f"device {purpose}", text.encode()).hex()


class TeahouseDeviceAnnouncement(models.Model):
    """A device that has announced itself and that nobody has bound yet.

    Over HTTP it brings the claim code that is printed on it; by Home Assistant's
    discovery it brings the topics it uses. Either way a person binds it.
    """

    _name = "teahouse.device.announcement"
    _description = "Unclaimed device"
    _order = "last_seen_at desc, id desc"
    _log_access = False

    key = fields.Char(required=True, readonly=True)
    source = fields.Selection(
        [("http", "Its claim code"), ("discovery", "Discovery")],
        string="Announced by",
        required=True,
        readonly=True,
    )
    name = fields.Char(readonly=True)
    kind = fields.Selection(KINDS, readonly=True)
    model = fields.Char(readonly=True)
    fw = fields.Char(string="Firmware", readonly=True)
    profile_code = fields.Char(readonly=True)
    profile_values = fields.Text(readonly=True)
    secret_mac = fields.Char(readonly=True, groups="base.group_system")
    state = fields.Selection(
        [("waiting", "Waiting"), ("bound", "Bound"), ("ignored", "Ignored")],
        default="waiting",
        required=True,
        readonly=True,
        index=True,
    )
    device_id = fields.Many2one("teahouse.device", readonly=True, ondelete="set null")
    first_seen_at = fields.Datetime(readonly=True)
    last_seen_at = fields.Datetime(readonly=True)
    bound_at = fields.Datetime(readonly=True)

    _once = models.Constraint("UNIQUE(source, key)", "A device is announced once.")

    def init(self):
        # The gateway inserts what it hears by discovery with plain SQL.
        self.env.cr.execute(
            "ALTER TABLE teahouse_device_announcement ALTER state SET DEFAULT 'waiting'"
        )

    @api.depends("name", "model", "kind")
    def _compute_display_name(self):
        for record in self:
            record.display_name = record.name or record.model or record.kind or "?"

    def action_bind(self):
        """Ask for the code and the place."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bind a device"),
            "res_model": "teahouse.device.bind",
            "view_mode": "form",
            "target": "new",
            "context": {"default_announcement_id": self.id},
        }

    def action_ignore(self):
        """Put announcements aside that belong to somebody else."""
        self.check_access("write")
        waiting = self.filtered(lambda one: one.state == "waiting")
        waiting.sudo().state = "ignored"

    def action_wait(self):
        """Take announcements back that were put aside."""
        self.check_access("write")
        ignored = self.filtered(lambda one: one.state == "ignored")
        ignored.sudo().state = "waiting"

    # === ANNOUNCING === #

    @api.model
    def _api_announce(self, body, address):
        """Take an announcement, and hand the credential over once a person has bound
        the device.

        :param body: DeviceAnnounce
        :param str address: of the caller, for the limit of attempts
        :return: dict of DeviceAnnounceOut
        :raise TeahouseError: rate_limited, forbidden (the code is another device's)
        """
        wait = self.env["teahouse.throttle"]._hit(
            "device announce", address or "?", ((60, 30), (3600, 600))
        )
        if wait:
            raise TeahouseError(
                "rate_limited", self.env._("Too many announcements: wait a moment.")
            )
        code = plain_code(body.code)
        announced = self.sudo()._of_code(code, body.secret)
        if not announced:
            announced = self.sudo()._announce(code, body)
        if announced.state == "waiting":
            announced.sudo()._take_shown_code(code, body)
        return announced._answer()

    def _of_code(self, code, secret):
        found = self.search([("source", "=", "http"), ("key", "=", mac("code", code))])
        if found and not hmac.compare_digest(
            found.secret_mac or "", mac("secret", secret)
        ):
            raise TeahouseError(
                "forbidden", self.env._("Another device has announced this code.")
            )
        found.last_seen_at = db_now(self.env)
        return found

    def _announce(self, code, body):
        if self.search_count([("state", "=", "waiting")]) >= MAX_WAITING:
            raise TeahouseError(
                "rate_limited", self.env._("Too many devices wait to be bound.")
            )
        now = db_now(self.env)
        return self.create(
            {
                "key": mac("code", code),
                "source": "http",
                "name": body.name,
                "kind": body.kind,
                "model": body.model,
                "fw": body.fw,
                "profile_code": "teahouse",
                "secret_mac": mac("secret", body.secret),
                "first_seen_at": now,
                "last_seen_at": now,
            }
        )

    def _take_shown_code(self, code, body):
        """Bind to the device whose form shows this code, if there is one."""
        device_sudo = self.env["teahouse.device"].sudo()
        device_sudo = device_sudo.search(
            [
                ("claim_mac", "=", mac("code", code)),
                ("claim_until", ">", db_now(self.env)),
            ]
        )
        if device_sudo and device_sudo.kind == body.kind:
            self._bound_to(device_sudo)

    def _bound_to(self, device):
        """Note that a person has said which device this is."""
        self.ensure_one()
        self.sudo().write(
            {"state": "bound", "device_id": device.id, "bound_at": db_now(self.env)}
        )
        device.sudo().write({"claim_mac": False, "claim_until": False})
        self.env["teahouse.audit"]._log("device.bind", device, {"by": self.source})

    def _answer(self):
        self.ensure_one()
        device = self.device_id
        if self.state != "bound" or not device:
            return {"state": "waiting", "retry_s": RETRY_SECONDS}
        answer = {"state": "bound", "retry_s": RETRY_SECONDS, "uid": device.uid}
        fetched = device.state_at and device.state_at > self.bound_at
        late = self.bound_at + timedelta(hours=FETCH_HOURS) < db_now(self.env)
        if fetched or late or device.revoked or not device.mqtt_password:
            return answer
        port = config.get("teahouse_mqtt_public_port") or config.get(
            "teahouse_mqtt_port"
        )
        return {
            **answer,
            "password": device.mqtt_password,
            "host": config.get("teahouse_mqtt_public_host")
            or config.get("teahouse_mqtt_host")
            or "127.0.0.1",
            "port": int(port or 1883),
            "tls": bool(config.get("teahouse_mqtt_tls")),
        }

    @api.autovacuum
    def _autovacuum_old(self):
        """Forget what nobody has bound for a month."""
        limit = db_now(self.env) - timedelta(days=FORGET_DAYS)
        self.search([("state", "!=", "bound"), ("last_seen_at", "<", limit)]).unlink()


class TeahouseDevice(models.Model):
    _inherit = "teahouse.device"

    claim_mac = fields.Char(copy=False, readonly=True, groups="base.group_system")
    claim_until = fields.Datetime(
        string="Code valid until",
        copy=False,
        readonly=True,
        groups="teahouse_base.teahouse_base_group_technician",
    )

    def action_claim_code(self):
        """Show a code to type into the device, which then fetches its credential."""
        self.ensure_one()
        self.check_access("write")
        code = "".join(secrets.choice(ALPHABET) for _n in range(12))
        until = db_now(self.env) + timedelta(minutes=CODE_MINUTES)
        self.sudo().write({"claim_mac": mac("code", code), "claim_until": until})
        self.env["teahouse.audit"]._log("device.claim_code", self, None)
        wizard = self.env["teahouse.device.credential"].create(
            {
                "device_id": self.id,
                "username": self.uid,
                "code": "-".join(code[n : n + 4] for n in (0, 4, 8)),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Claim code"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
