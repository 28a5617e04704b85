from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.teahouse_booking.engine.passes import day_key

from ..engine.plan import Rules, parse_warnings
from ..tools import db_now, epoch

DAY = 86400


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    device_ids = fields.One2many("teahouse.device", "store_id", string="Devices")
    device_count = fields.Integer(compute="_compute_device_count")
    use_devices = fields.Boolean(
        string="Doors and devices",
        default=True,
        help="Stays open doors and switch devices; otherwise people do.",
    )
    preheat_minutes = fields.Integer(
        help="Air conditioning starts this long before the booked time; 0 = never."
    )
    warning_minutes = fields.Char(
        string="Warnings before the end",
        default="30,15,5",
        help="Minutes before the end at which the speaker reminds the guests.",
    )
    power_off_delay = fields.Integer(
        string="Power off after (min)",
        default=1,
        help="Minutes between the end of use and the power going off.",
    )
    light_off_delay = fields.Integer(
        string="Light off after (min)",
        default=5,
        help="Minutes the light stays on after the power went off.",
    )
    unlock_pulse_ms = fields.Integer(
        string="Door release (ms)",
        default=5000,
        help="How long a door stays released; the lock ends it by itself.",
    )
    voice_welcome = fields.Char(
        string="Welcome text",
        translate=True,
        default=lambda self: self.env._("Welcome. Enjoy your tea."),
        help="Said by the speaker when the guests come in; empty = silent. "
        "{guest} is replaced by the nickname of who opens.",
    )
    voice_warning = fields.Char(
        string="Warning text",
        translate=True,
        default=lambda self: self.env._("Your time ends in {minutes} minutes."),
        help="{minutes} is replaced by the minutes left; empty = silent.",
    )
    voice_volume = fields.Integer(
        string="Volume (%)", help="0 = as the speaker is set."
    )
    voice_quiet_from = fields.Float(
        string="Quiet from", help="On the store's clock; the same as until = never."
    )
    voice_quiet_to = fields.Float(string="Quiet until")
    voice_quiet_volume = fields.Integer(
        string="Volume in quiet hours (%)", help="0 = nothing is said then."
    )
    guest_scenes = fields.Boolean(
        string="Guests choose scenes",
        default=True,
        help="Only what guests may switch changes with a scene.",
    )
    leaving_minutes = fields.Integer(
        string="Leaving scene before the end (min)", help="0 = never by itself."
    )
    voice_lang = fields.Selection(
        "_voice_lang_selection", string="Voice language", default="zh_CN"
    )

    @api.model
    def _capability_fields(self):
        return {**super()._capability_fields(), "devices": "use_devices"}

    @api.model
    def _voice_lang_selection(self):
        return self.env["res.lang"].get_installed()

    _unlock_pulse_valid = models.Constraint(
        "CHECK(unlock_pulse_ms BETWEEN 100 AND 60000)",
        "A door can be released for 0.1 to 60 seconds.",
    )
    _delays_valid = models.Constraint(
        "CHECK(power_off_delay >= 0 AND light_off_delay >= 0 AND preheat_minutes >= 0)",
        "Minutes cannot be negative.",
    )
    _voice_valid = models.Constraint(
        """CHECK(voice_volume BETWEEN 0 AND 100 AND voice_quiet_volume BETWEEN 0 AND 100
                 AND voice_quiet_from >= 0 AND voice_quiet_from < 24
                 AND voice_quiet_to >= 0 AND voice_quiet_to < 24
                 AND leaving_minutes >= 0)""",
        "Volumes go from 0 to 100 %, hours from 0:00 to 23:59.",
    )

    @api.constrains("warning_minutes")
    def _check_warning_minutes(self):
        for store in self:
            try:
                parse_warnings(store.warning_minutes)
            except ValueError:
                raise ValidationError(
                    self.env._("Give warnings as minutes, for example 30,15,5.")
                ) from None

    @api.depends("device_ids")
    def _compute_device_count(self):
        counts = dict(
            self.env["teahouse.device"]._read_group(
                [("store_id", "in", self.ids)], ["store_id"], ["__count"]
            )
        )
        for store in self:
            store.device_count = counts.get(store, 0)

    def _plan_rules(self):
        """Return the store's settings as the plan engine takes them."""
        self.ensure_one()
        return Rules(
            warnings=parse_warnings(self.warning_minutes),
            power_off_delay=self.power_off_delay,
            light_off_delay=self.light_off_delay,
            preheat=self.preheat_minutes,
            overtime_max=self.overtime_max_minutes,
            cut=self.at_end != "run_on",
        )

    def _voice_volume(self, at):
        """Return how loud to speak at an instant (naive UTC).

        :return: percent, 0 for silence, None for as the speaker is set
        """
        self.ensure_one()
        local = self._local(at)
        hour = local.hour + local.minute / 60
        first, last = self.voice_quiet_from, self.voice_quiet_to
        inside = first <= hour < last if first < last else hour >= first or hour < last
        if first != last and inside:
            return self.voice_quiet_volume
        return self.voice_volume or None

    def _day_keys(self):
        """Return the keys by which readers judge codes without the server.

        :return: {ISO date: hex} of yesterday, today and tomorrow (UTC)
        """
        self.ensure_one()
        now, secret = epoch(db_now(self.env)), self._pass_secret()
        days = (now - DAY, now, now + DAY)
        return {
            f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}": day_key(secret, at).hex()
            for at in days
        }

    def _device_users(self):
        """Return the people who look after the devices of these stores (sudo)."""
        roles = self.env["res.groups"]
        for role in ("staff", "technician"):
            roles |= self.env.ref(f"teahouse_base.teahouse_base_group_{role}")
        users = self.sudo().user_ids | self.sudo().manager_id
        return users.filtered(lambda user: user.all_group_ids & roles)

    def action_open_devices(self):
        """Open the device wall of the store."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_iot.teahouse_device_action"
        )
        action["domain"] = [("store_id", "=", self.id)]
        action["context"] = {"default_store_id": self.id}
        return action
