import secrets
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..engine.outbox import new_id
from ..engine.protocol import EDGE_LIFE, valid_device
from ..tools import db_clock, db_now, epoch, seconds

KINDS = [
    ("lock", "Door lock"),
    ("gate", "Gate"),
    ("power", "Power"),
    ("light", "Light"),
    ("ac", "Air conditioning"),
    ("speaker", "Speaker"),
    ("sensor", "Sensor"),
    ("reader", "Code reader"),
    ("keypad", "Keypad"),
]
SWITCHES = ("power", "light", "ac")
DOORS = ("lock", "gate")
HAND_SECONDS = 7200
#: First key of the advisory locks on doors; the device's id is the second.
LOCK = 0xD002


class PressedMeanwhile(Exception):
    """Somebody else's press was served after this transaction began."""


class TeahouseDevice(models.Model):
    _name = "teahouse.device"
    _description = "Device"
    _inherit = ["mail.thread", "field.encrypted.mixin"]
    _order = "store_id, room_id, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    uid = fields.Char(
        string="Device id",
        required=True,
        copy=False,
        help="Client id, user name and topic level of the device: a-z, 0-9 and -.",
    )
    kind = fields.Selection(KINDS, required=True, tracking=True)
    store_id = fields.Many2one(
        "teahouse.store", required=True, index=True, check_company=True, tracking=True
    )
    room_id = fields.Many2one(
        "teahouse.room",
        index=True,
        domain="[('store_id', '=', store_id)]",
        tracking=True,
        help="Empty: shared by the rooms of the store.",
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    guest_control = fields.Boolean(help="Guests may switch it while they use the room.")
    mqtt_password = Encrypted(
        string="Credential", copy=False, groups="base.group_system"
    )
    equipment_id = fields.Many2one("maintenance.equipment", check_company=True)

    # What the gateway reports.
    state = fields.Selection(
        [("online", "Online"), ("offline", "Offline"), ("unknown", "Never seen")],
        default="unknown",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    state_at = fields.Datetime(string="Since", readonly=True, copy=False)
    boot = fields.Char(string="Boot id", readonly=True, copy=False)
    fw = fields.Char(string="Firmware", readonly=True, copy=False)
    battery_pct = fields.Integer(
        string="Battery (%)", readonly=True, copy=False, aggregator="min"
    )
    rssi_dbm = fields.Integer(
        string="Signal (dBm)", readonly=True, copy=False, aggregator="min"
    )
    last_seen_at = fields.Datetime(string="Last seen", readonly=True, copy=False)
    is_on = fields.Boolean(
        string="Switched on",
        readonly=True,
        copy=False,
        help="As the device last confirmed.",
    )
    battery_low = fields.Boolean(compute="_compute_battery_low")
    command_ids = fields.One2many("teahouse.command", "device_id", string="Commands")
    alarm_ids = fields.One2many("teahouse.alarm", "device_id", string="Alarms")
    open_alarm_count = fields.Integer(compute="_compute_open_alarm_count")

    _uid_unique = models.Constraint("UNIQUE(uid)", "This device id is taken.")

    def init(self):
        # Numbers of commands as devices compare them; drawn when a row is claimed,
        # because plan rows are written long before they are due.
        self.env.cr.execute("CREATE SEQUENCE IF NOT EXISTS teahouse_device_seq")

    @api.depends("battery_pct", "store_id.alarm_battery_pct")
    def _compute_battery_low(self):
        for device in self:
            limit = device.store_id.sudo().alarm_battery_pct
            device.battery_low = 0 < device.battery_pct < limit

    @api.depends("alarm_ids.state")
    def _compute_open_alarm_count(self):
        counts = dict(
            self.env["teahouse.alarm"]._read_group(
                [("device_id", "in", self.ids), ("state", "=", "open")],
                ["device_id"],
                ["__count"],
            )
        )
        for device in self:
            device.open_alarm_count = counts.get(device, 0)

    @api.constrains("uid")
    def _check_uid(self):
        for device in self:
            if not valid_device(device.uid):
                raise ValidationError(
                    self.env._("A device id has 1 to 32 of a-z, 0-9 and -.")
                )

    @api.constrains("room_id", "store_id", "kind")
    def _check_place(self):
        for device in self:
            if device.room_id and device.room_id.store_id != device.store_id:
                raise ValidationError(
                    self.env._("The room of a device belongs to its store.")
                )
            if device.kind == "gate" and device.room_id:
                raise ValidationError(
                    self.env._("A gate belongs to the store, not to a room.")
                )

    # === ACTIONS === #

    def action_new_credential(self):
        """Give the device a fresh credential and show it once.

        The broker refuses the old one as soon as its files are written again.
        """
        self.ensure_one()
        self.check_access("write")
        password = secrets.token_urlsafe(24)
        self.sudo().mqtt_password = password
        self.env["teahouse.audit"]._log("device.credential", self, None)
        wizard = self.env["teahouse.device.credential"].create(
            {"device_id": self.id, "username": self.uid, "password": password}
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New credential"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_remote_open(self):
        """Ask for the reason, then open the door."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open the door"),
            "res_model": "teahouse.remote.open",
            "view_mode": "form",
            "target": "new",
            "context": {"default_device_id": self.id},
        }

    def action_switch_on(self):
        """Switch on by hand, until the end of the running stay or for 2 hours."""
        self._switch_by_hand(True)

    def action_switch_off(self):
        """Switch off by hand."""
        self._switch_by_hand(False)

    def _switch_by_hand(self, on):
        for device in self:
            device.check_access("read")
            if device.kind not in SWITCHES:
                raise TeahouseError(
                    "invalid_request", self.env._("This device cannot be switched.")
                )
            until = device._hand_until()
            device._issue(
                device.kind,
                {"on": True, "until": epoch(until)} if on else {"on": False},
                expires_at=until,
                source="staff",
                user_id=self.env.uid,
            )
            self.env["teahouse.audit"]._log("device.switch", device, {"on": on})

    def _hand_until(self):
        """Until when something switched by hand stays on: never shorter than a stay
        that is running there."""
        self.ensure_one()
        until = db_now(self.env) + seconds(HAND_SECONDS)
        place = [("store_id", "=", self.store_id.id), ("state", "=", "in_use")]
        if self.room_id:
            place.append(("room_id", "=", self.room_id.id))
        stays_sudo = self.env["teahouse.booking"].sudo().search(place)
        return max([until, *(stay._guest_until(self) for stay in stays_sudo)])

    # === COMMANDS === #

    def _issue(self, act, args, *, expires_at, due_at=None, **vals):
        """Write a command for each of these devices into the outbox.

        :param str act: act of the protocol
        :param dict args: its arguments
        :param datetime expires_at: naive UTC; after it the command never runs
        :param datetime due_at: naive UTC; now without one
        :param vals: further fields: booking_id, grant_id, guard, source…
        :return: the commands (sudo)
        """
        due_at = due_at or db_clock(self.env)
        return (
            self.env["teahouse.command"]
            .sudo()
            .create(
                [
                    {
                        "device_id": device.id,
                        "act": act,
                        "args": args,
                        "due_at": due_at,
                        "expires_at": expires_at,
                        **vals,
                    }
                    for device in self
                ]
            )
        )

    def _unlock(self, pressed_at=None, **vals):
        """Write an unlock command, or return the one that serves this press too.

        Any number of presses while one is open give the same command: the database
        allows one open unlock per device. So does a press that was made while it was
        open and is served after the door's answer.

        :param datetime pressed_at: naive UTC, PostgreSQL's clock; now without one
        :param vals: source, guard, grant_id, booking_id, member_id, user_id
        :return: the command (sudo)
        :raise SerializationFailure, PressedMeanwhile: another press won that this
            transaction cannot see; a fresh transaction finds it
        """
        self.ensure_one()
        commands_sudo = self.env["teahouse.command"].sudo()
        self.env.flush_all()
        served = self.env.execute_query(self._serving(pressed_at))
        if served:
            return commands_sudo.browse(served[0])
        if pressed_at:
            self._check_pressed_alone(pressed_at)
        clock = db_clock(self.env)
        now = clock.replace(microsecond=0)
        row = {
            "cmd_id": new_id(),
            "device_id": self.id,
            "store_id": self.store_id.id,
            "company_id": self.company_id.id,
            "act": "unlock",
            "args": f'{{"pulse_ms":{int(self.store_id.unlock_pulse_ms)}}}',
            "klass": "edge",
            "superkey": "",
            "state": "queued",
            "guard": "none",
            "tries": 0,
            "due_at": clock,
            "expires_at": now + seconds(EDGE_LIFE["unlock"]),
            "effects_done": False,
            "create_uid": self.env.uid,
            "write_uid": self.env.uid,
            "create_date": now,
            "write_date": now,
            **vals,
        }
        if not (found := commands_sudo._insert_unlock(row)):
            # One whose time is over stands there still, which the sweep has not met.
            commands_sudo._close_lapsed(
                Domain("device_id", "=", self.id) & Domain("act", "=", "unlock")
            )
            found = commands_sudo._insert_unlock(row)
        return found

    def _push_keys(self):
        """Send readers the day keys, so that they can judge codes when offline."""
        for device in self.filtered(lambda one: one.kind == "reader"):
            device._issue(
                "key_set",
                {"key": "day"},
                expires_at=db_now(self.env) + seconds(86400),
                source="access",
            )

    @api.model
    def _cron_push_keys(self):
        """Send every reader the keys of the coming day."""
        self.sudo().search([("kind", "=", "reader")])._push_keys()

    def _serving(self, pressed_at):
        """Return the query for the unlock that serves a press made at an instant.

        In SQL, because Odoo's instants know whole seconds only.
        """
        return SQL(
            """SELECT id FROM teahouse_command
                WHERE device_id = %s AND act = 'unlock'
                  AND (state IN ('queued', 'sent')
                       AND expires_at >= clock_timestamp() AT TIME ZONE 'UTC'
                       OR state = 'done' AND closed_at >= %s)
                LIMIT 1""",
            self.id,
            pressed_at or datetime.max,
        )

    def _check_pressed_alone(self, pressed_at):
        """Refuse to go on when another press has just been served.

        Our snapshot may be older than it, and its command may be answered already:
        then no index is in the way of a second opening. Holding the door's lock, a
        transaction of this moment tells the truth.

        :raise PressedMeanwhile:
        """
        self.ensure_one()
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(%s, %s)", LOCK, self.id))
        with self.env.registry.cursor() as cr:
            cr.execute(self._serving(pressed_at))
            if cr.fetchone():
                raise PressedMeanwhile(self.uid)

    def _api_switch_values(self):
        """Return a device as the guests of its room see it."""
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "online": self.state == "online",
            "on": self.is_on,
            "actions": ["on", "off", "set"] if self.kind != "power" else ["on", "off"],
        }

    # === EVENTS === #

    @api.model
    def _on_events(self, event_ids):
        """Work off events of devices; called by the gateway after its commit.

        :param event_ids: ids of `teahouse.device.event`; done ones are skipped, so
            a repeated call changes nothing
        """
        self.env["teahouse.device.event"].sudo().browse(event_ids)._work_off()
