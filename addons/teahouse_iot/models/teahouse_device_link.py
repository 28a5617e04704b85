import json
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.field_encrypted.fields import Encrypted

from ..broker import password_hash
from ..engine.profile import ForeignDevice, ProfileError


class TeahouseDevice(models.Model):
    """How a device is reached: what it speaks, and with which credential."""

    _inherit = "teahouse.device"

    profile_id = fields.Many2one(
        "teahouse.device.profile",
        ondelete="restrict",
        index="btree_not_null",
        default=lambda self: self.env.ref(
            "teahouse_iot.teahouse_device_profile_teahouse", raise_if_not_found=False
        ),
        tracking=True,
        help="What the device speaks. Empty: the project's own protocol.",
    )
    native = fields.Boolean(compute="_compute_native")
    dedup = fields.Boolean(related="profile_id.dedup", store=True)
    ref = fields.Char(
        string="Address",
        copy=False,
        help="The device's name in its own world: topic or friendly name.",
    )
    profile_values = fields.Text(
        string="Values of the profile", help="JSON: what else the profile asks for."
    )
    bridge_id = fields.Many2one(
        "teahouse.broker.bridge",
        string="Behind the bridge",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
        help="A bridge connects for its devices with a credential of its own.",
    )
    signed = fields.Boolean(
        string="Signed commands",
        readonly=True,
        copy=False,
        help="The lock verifies a signature: for locks behind a shared bridge.",
    )
    sig_key = Encrypted(string="Signing key", copy=False, groups="base.group_system")

    mqtt_hash = fields.Char(
        string="Credential at the broker",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Salted hash for the broker's files and views.",
    )
    revoked = fields.Boolean(readonly=True, copy=False, tracking=True)
    credential_seq = fields.Integer(default=1, readonly=True, copy=False)
    credential_done = fields.Integer(readonly=True, copy=False)
    credential_state = fields.Selection(
        [
            ("bridge", "The bridge's"),
            ("pending", "Not at the broker yet"),
            ("active", "In force"),
            ("revoking", "Being revoked"),
            ("revoked", "Revoked"),
        ],
        string="Credential state",
        compute="_compute_credential_state",
    )

    _ref_in_profile = models.UniqueIndex(
        "(profile_id, ref) WHERE ref IS NOT NULL AND active",
        "Two devices of one profile cannot have one address.",
    )

    def init(self):
        """Tell the gateway of every change of identity, rights or profile."""
        super().init()
        self.env.cr.execute(
            """
            ALTER TABLE teahouse_device ALTER credential_done SET DEFAULT 0;
            CREATE OR REPLACE FUNCTION teahouse_registry_wake() RETURNS trigger AS $$
            BEGIN
                PERFORM pg_notify('teahouse_registry', '');
                RETURN NULL;
            END $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER teahouse_registry_wake
                AFTER INSERT OR DELETE OR UPDATE OF uid, ref, profile_id, store_id,
                      profile_values, active, dedup, bridge_id, revoked,
                      credential_seq
                ON teahouse_device
                FOR EACH STATEMENT EXECUTE FUNCTION teahouse_registry_wake();
            """
        )
        # The tables of other models are not there yet.
        self.pool.post_init(self._make_broker_views)
        self.pool.post_init(self._make_hashes)

    @api.depends("profile_id")
    def _compute_native(self):
        for device in self:
            device.native = not device.profile_id or device.profile_id.native

    @api.depends("revoked", "credential_seq", "credential_done", "bridge_id")
    def _compute_credential_state(self):
        for device in self:
            there = device.credential_done >= device.credential_seq
            if device.bridge_id:
                device.credential_state = "bridge"
            elif device.revoked:
                device.credential_state = "revoked" if there else "revoking"
            else:
                device.credential_state = "active" if there else "pending"

    @api.constrains("profile_id", "ref", "profile_values")
    def _check_profile_values(self):
        for device in self:
            if device.native:
                continue
            try:
                values = json.loads(device.profile_values or "{}")
                if not isinstance(values, dict):
                    raise ProfileError("not_an_object")
                ForeignDevice(
                    device.uid, device.ref, device.profile_id._built(), values
                )
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "%(device)s does not fit its profile: %(why)s",
                        device=device.name,
                        why=error,
                    )
                ) from error

    @api.model_create_multi
    def create(self, vals_list):
        """Give every device a credential, and the broker its hash."""
        devices = super().create(vals_list)
        # Who may create a device may not read its secrets, so not write them either.
        for device_sudo in devices.sudo():
            word = device_sudo.mqtt_password or secrets.token_urlsafe(24)
            # pylint: disable-next=super-method-mismatch
            super(TeahouseDevice, device_sudo).write(
                {"mqtt_password": word, "mqtt_hash": password_hash(word)}
            )
        return devices

    def write(self, vals):
        """A new password has a new hash, and goes to the broker."""
        if vals.get("mqtt_password"):
            for device_sudo in self.sudo():
                super(TeahouseDevice, device_sudo).write(
                    {
                        **vals,
                        "mqtt_hash": password_hash(vals["mqtt_password"]),
                        "credential_seq": device_sudo.credential_seq + 1,
                        "revoked": False,
                    }
                )
            return True
        return super().write(vals)

    # === ACTIONS === #

    def action_revoke(self):
        """Take the credential away: the broker cuts the device off at once."""
        self.check_access("write")
        for device_sudo in self.sudo():
            device_sudo.write(
                {
                    "mqtt_password": False,
                    "mqtt_hash": False,
                    "revoked": True,
                    "credential_seq": device_sudo.credential_seq + 1,
                }
            )
            self.env["teahouse.audit"]._log("device.revoke", device_sudo, None)
        return True

    def action_sign(self):
        """Give the lock a signing key and show it once."""
        self.ensure_one()
        self.check_access("write")
        key = secrets.token_hex(32)
        self.sudo().write({"sig_key": key, "signed": True})
        self.env["teahouse.audit"]._log("device.signing_key", self, None)
        wizard = self.env["teahouse.device.credential"].create(
            {"device_id": self.id, "username": self.uid, "password": key}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signing key"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_unsign(self):
        """Send plain commands again."""
        self.check_access("write")
        self.sudo().write({"sig_key": False, "signed": False})
        for device in self:
            self.env["teahouse.audit"]._log("device.unsigned", device, None)
        return True

    # === WHAT THE GATEWAY ASKS === #

    @api.model
    def _broker_passwords(self, usernames):
        """Return the passwords the broker is to know: {username: password}."""
        devices_sudo = self.sudo().search([("uid", "in", usernames)])
        bridges_sudo = self.env["teahouse.broker.bridge"].sudo()
        bridges_sudo = bridges_sudo.search([("username", "in", usernames)])
        found = {
            bridge.username: bridge.password for bridge in bridges_sudo if bridge.active
        }
        for device_sudo in devices_sudo:
            if not device_sudo.revoked and not device_sudo.bridge_id:
                found[device_sudo.uid] = device_sudo.mqtt_password
        return {name: password for name, password in found.items() if password}

    @api.model
    def _make_hashes(self):
        """Hash the passwords of devices that are older than the hashes."""
        devices_sudo = self.sudo().with_context(active_test=False)
        for device_sudo in devices_sudo.search(
            [("mqtt_hash", "=", False), ("revoked", "=", False)]
        ):
            if device_sudo.mqtt_password:
                device_sudo.mqtt_hash = password_hash(device_sudo.mqtt_password)

    @api.model
    def _make_broker_views(self):
        """Views a broker may read by itself (EMQX), one row a client and right.

        Salt and hash are PBKDF2-SHA512, the salt as text and the hash in hex. Only
        the house's own protocol and bridges are there: what other makes may do
        follows from their profiles, which SQL does not read.
        """
        self.env.cr.execute(
            r"""
            CREATE OR REPLACE VIEW teahouse_mqtt_user AS
            SELECT username,
                   encode(decode(split_part(hash, '$', 5), 'base64'), 'hex')
                       AS password_hash,
                   convert_from(decode(split_part(hash, '$', 4), 'base64'), 'UTF8')
                       AS salt,
                   false AS is_superuser
              FROM (SELECT uid AS username, mqtt_hash AS hash
                      FROM teahouse_device
                     WHERE active AND NOT COALESCE(revoked, false)
                       AND bridge_id IS NULL AND mqtt_hash IS NOT NULL
                     UNION ALL
                    SELECT username, mqtt_hash FROM teahouse_broker_bridge
                     WHERE active AND mqtt_hash IS NOT NULL) clients;
            CREATE OR REPLACE VIEW teahouse_mqtt_acl AS
            SELECT d.uid AS username, 'allow'::text AS permission, a.action,
                   'th/v1/' || d.uid || '/' || a.leaf AS topic, a.qos, a.retain
              FROM teahouse_device d
              LEFT JOIN teahouse_device_profile p ON p.id = d.profile_id
             CROSS JOIN (VALUES ('subscribe', 'cmd', NULL::int, NULL::int),
                                ('publish', 'ack', NULL, 0),
                                ('publish', 'st', NULL, 1),
                                ('publish', 'tele', NULL, 0),
                                ('publish', 'evt', NULL, 0))
                   AS a(action, leaf, qos, retain)
             WHERE d.active AND NOT COALESCE(d.revoked, false)
               AND d.bridge_id IS NULL AND COALESCE(p.native, true)
             UNION ALL
            SELECT b.username, 'allow', a.action, b.prefix || '/#', NULL, NULL
              FROM teahouse_broker_bridge b
             CROSS JOIN (VALUES ('subscribe'), ('publish')) AS a(action)
             WHERE b.active
             UNION ALL
            SELECT u.username, 'deny', 'all', '#', NULL, NULL
              FROM teahouse_mqtt_user u;
            """
        )
