import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.field_encrypted.fields import Encrypted

from ..broker import password_hash
from ..engine.protocol import valid_device

#: A branch of topics: neither wildcards nor the broker's or the house's own.
PREFIX = re.compile(r"(?!\$|th/v1(/|\Z))[^+#\x00\s/]+(/[^+#\x00\s/]+)*\Z")


class TeahouseBrokerBridge(models.Model):
    """A bridge that connects for many devices: zigbee2mqtt, a lock gateway.

    It is trusted for all of its devices, and for nothing outside its own branch.
    """

    _name = "teahouse.broker.bridge"
    _description = "Broker bridge"
    _inherit = ["field.encrypted.mixin"]
    _order = "store_id, name"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    username = fields.Char(required=True, copy=False)
    prefix = fields.Char(
        string="Branch of topics", required=True, default="zigbee2mqtt", copy=False
    )
    password = Encrypted(copy=False, groups="base.group_system")
    mqtt_hash = fields.Char(readonly=True, copy=False, groups="base.group_system")
    store_id = fields.Many2one("teahouse.store", required=True, index=True)
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    device_ids = fields.One2many("teahouse.device", "bridge_id", string="Devices")
    credential_seq = fields.Integer(default=1, readonly=True, copy=False)
    credential_done = fields.Integer(readonly=True, copy=False)

    _username_unique = models.Constraint("UNIQUE(username)", "This user name is taken.")
    _prefix_unique = models.Constraint(
        "UNIQUE(prefix)", "This branch belongs to another bridge."
    )

    def init(self):
        """Tell the gateway of every change."""
        self.env.cr.execute(
            """
            ALTER TABLE teahouse_broker_bridge ALTER credential_done SET DEFAULT 0;
            CREATE OR REPLACE FUNCTION teahouse_registry_wake() RETURNS trigger AS $$
            BEGIN
                PERFORM pg_notify('teahouse_registry', '');
                RETURN NULL;
            END $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER teahouse_registry_wake
                AFTER INSERT OR DELETE OR UPDATE OF username, prefix, active,
                      credential_seq
                ON teahouse_broker_bridge
                FOR EACH STATEMENT EXECUTE FUNCTION teahouse_registry_wake();
            """
        )

    @api.constrains("username", "prefix")
    def _check_names(self):
        for bridge in self:
            if not valid_device(bridge.username):
                raise ValidationError(
                    self.env._("A user name has 1 to 32 of a-z, 0-9 and -.")
                )
            devices_sudo = self.env["teahouse.device"].sudo()
            if devices_sudo.with_context(active_test=False).search_count(
                [("uid", "=", bridge.username)], limit=1
            ):
                raise ValidationError(self.env._("A device has this name."))
            if not PREFIX.match(bridge.prefix or ""):
                raise ValidationError(
                    self.env._("A branch is a topic like zigbee2mqtt, without + and #.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Give every bridge a credential."""
        rows = []
        for vals in vals_list:
            word = vals.get("password") or secrets.token_urlsafe(24)
            rows.append({**vals, "password": word, "mqtt_hash": password_hash(word)})
        return super(TeahouseBrokerBridge, self.sudo()).create(rows).sudo(False)

    def action_new_credential(self):
        """Give the bridge a fresh credential and show it once."""
        self.ensure_one()
        self.check_access("write")
        word = secrets.token_urlsafe(24)
        self.sudo().write(
            {
                "password": word,
                "mqtt_hash": password_hash(word),
                "credential_seq": self.sudo().credential_seq + 1,
            }
        )
        self.env["teahouse.audit"]._log("bridge.credential", self, None)
        wizard = self.env["teahouse.device.credential"].create(
            {"username": self.username, "password": word}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New credential"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }
