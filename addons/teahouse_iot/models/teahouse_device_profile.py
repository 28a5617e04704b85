import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import profile, protocol
from ..engine.profile import ForeignDevice, ProfileError
from ..engine.protocol import ProtocolError
from ..tools import db_now, epoch

EXAMPLES = {
    "unlock": {"pulse_ms": 5000},
    "say": {"text": "Welcome"},
    "power": {"on": True},
    "light": {"on": True, "level_pct": 60},
    "ac": {"on": True, "temp_c": 24, "mode": "cool"},
    "pin_set": {"slot": 1, "pin": "481516"},
    "pin_del": {"slot": 1},
}
LIVES = {"power": 3600, "light": 3600, "ac": 3600}


class TeahouseDeviceProfile(models.Model):
    """What a make of devices speaks: topics, templates, pointers and maps, as data.

    The gateway uses the definition in both directions; nothing of it is executed.
    """

    _name = "teahouse.device.profile"
    _description = "Device profile"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=50)
    code = fields.Char(
        copy=False, help="Name under which an announcement of a device asks for it."
    )
    active = fields.Boolean(default=True)
    built_in = fields.Boolean(
        readonly=True, copy=False, help="Comes with the software: copy it to change it."
    )
    definition = fields.Text(required=True, default="{}")
    native = fields.Boolean(
        string="Own protocol", compute="_compute_traits", store=True
    )
    dedup = fields.Boolean(
        string="Knows repeated commands",
        compute="_compute_traits",
        store=True,
        help="Without it a door command is sent again once at most.",
    )
    pin_window = fields.Boolean(
        string="Knows the time of PINs",
        compute="_compute_traits",
        store=True,
        help="Without it a PIN is set when its window opens, and cleared after it.",
    )
    acts = fields.Char(string="Understands", compute="_compute_traits", store=True)
    problem = fields.Char(compute="_compute_problem")
    device_ids = fields.One2many("teahouse.device", "profile_id", string="Devices")
    device_count = fields.Integer(compute="_compute_device_count")

    # The tester: nothing of it is kept.
    test_ref = fields.Char(string="Address", default="door1", store=False)
    test_values = fields.Text(string="Values", default="{}", store=False)
    test_topic = fields.Char(string="Topic", store=False)
    test_payload = fields.Text(string="Payload", store=False)
    test_heard = fields.Text(
        string="Means", compute="_compute_test_heard", compute_sudo=False
    )
    test_act = fields.Selection(
        selection="_selection_acts", string="Action", default="unlock", store=False
    )
    test_args = fields.Text(string="Arguments", store=False)
    test_sent = fields.Text(string="Goes out", compute="_compute_test_sent")

    _code_unique = models.Constraint("UNIQUE(code)", "Codes of profiles are unique.")

    def init(self):
        # The gateway is told when devices or profiles change, whoever changes them.
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION teahouse_registry_wake() RETURNS trigger AS $$
            BEGIN
                PERFORM pg_notify('teahouse_registry', '');
                RETURN NULL;
            END $$ LANGUAGE plpgsql;
            CREATE OR REPLACE TRIGGER teahouse_registry_wake
                AFTER UPDATE OF definition, native, dedup ON teahouse_device_profile
                FOR EACH STATEMENT EXECUTE FUNCTION teahouse_registry_wake();
            """
        )

    @api.model
    def _selection_acts(self):
        acts = self.env["teahouse.command"]._fields["act"]
        return acts._description_selection(self.env)

    def _built(self):
        """Return the checked definition.

        :raises ProfileError: it is not sound
        """
        self.ensure_one()
        try:
            definition = json.loads(self.definition or "{}")
        except ValueError as error:
            raise ProfileError("bad_json", str(error)) from None
        return profile.build(definition)

    @api.depends("definition")
    def _compute_traits(self):
        for record in self:
            try:
                built = record._built()
            except ProfileError:
                built = profile.Profile()
            record.native = built.native
            record.dedup = built.dedup
            record.pin_window = built.pin_window
            record.acts = ", ".join(sorted(built.acts()))

    @api.depends("definition")
    def _compute_problem(self):
        for record in self:
            try:
                record._built()
                record.problem = False
            except ProfileError as error:
                record.problem = str(error)

    @api.constrains("definition")
    def _check_definition(self):
        for record in self:
            try:
                record._built()
            except ProfileError as error:
                raise ValidationError(
                    self.env._("The definition cannot be used: %(why)s", why=error)
                ) from error

    @api.depends("device_ids")
    def _compute_device_count(self):
        counts = dict(
            self.env["teahouse.device"]._read_group(
                [("profile_id", "in", self.ids)], ["profile_id"], ["__count"]
            )
        )
        for record in self:
            record.device_count = counts.get(record, 0)

    def write(self, vals):
        """Refuse to change what an update of the software would change back."""
        locked = self.filtered("built_in")
        if locked and "definition" in vals and not self.env.su:
            raise ValidationError(
                self.env._("This profile comes with the software: copy it first.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_unless_built_in(self):
        if any(self.mapped("built_in")):
            raise ValidationError(
                self.env._("A profile that comes with the software stays.")
            )

    def copy_data(self, default=None):
        """Say that a copy is one."""
        rows = super().copy_data(default)
        for record, vals in zip(self, rows, strict=True):
            if "name" not in (default or {}):
                vals["name"] = self.env._("%(name)s (copy)", name=record.name)
        return rows

    # === TESTER === #

    def _test_device(self):
        values = json.loads(self.test_values or "{}")
        if not isinstance(values, dict):
            raise ProfileError("not_an_object", "values")
        return ForeignDevice("device", self.test_ref or "door1", self._built(), values)

    @api.depends("definition", "test_ref", "test_values", "test_topic", "test_payload")
    def _compute_test_heard(self):
        for record in self:
            record.test_heard = record.test_topic and record._told(record._hear)

    @api.depends("definition", "test_ref", "test_values", "test_act", "test_args")
    def _compute_test_sent(self):
        for record in self:
            record.test_sent = record.test_act and record._told(record._say)

    def _told(self, action):
        try:
            return "\n".join(action()) or self.env._("Nothing.")
        except (ProfileError, ProtocolError) as error:
            return self.env._("Refused: %(why)s", why=error)
        except (ValueError, TypeError) as error:
            return self.env._("Not JSON: %(why)s", why=error)

    def _hear(self):
        payload = (self.test_payload or "").encode()
        if self._built().native:
            _dev, leaf = protocol.parse_topic(self.test_topic)
            return [str(protocol.parse(leaf, payload))]
        now = float(epoch(db_now(self.env)))
        device = self._test_device()
        if self.test_topic not in device.topics:
            return [
                self.env._("Nobody listens to this topic. It listens to:"),
                *sorted(device.topics),
            ]
        # An order on its way, so that its confirmation shows as one.
        if self.test_act in device.profile.acts():
            device.order("test", 1, int(now) + 15, self.test_act, self._args(), now)
        document = profile.read(payload)
        messages = device.take(self.test_topic, document, False, "boot", now)
        return [str(message) for message in messages]

    def _say(self):
        now = epoch(db_now(self.env))
        if self._built().native:
            payload = protocol.build_cmd(
                "test", 1, "9f3c61d2", now + 15, self.test_act, self._args()
            )
            return [f"th/v1/{self.test_ref or 'door1'}/cmd", payload.decode()]
        topic, payload = self._test_device().order(
            "test", 1, now + 15, self.test_act, self._args(), float(now)
        )
        return [topic, payload.decode()]

    def _args(self):
        if self.test_args:
            return json.loads(self.test_args)
        args = dict(EXAMPLES.get(self.test_act, {}))
        later = epoch(db_now(self.env) + timedelta(hours=1))
        if self.test_act in LIVES:
            args["until"] = later
        if self.test_act == "pin_set":
            args.update({"from": later - 3600, "to": later})
        return args

    def action_devices(self):
        """Show the devices of this profile."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "teahouse.device",
            "view_mode": "list,form",
            "domain": [("profile_id", "=", self.id)],
            "context": {"default_profile_id": self.id},
        }
