"""Scenes: how a room looks and sounds for welcome, tea, cinema, leaving."""

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..tools import db_now, epoch, seconds

SAY_SECONDS = 30


class TeahouseScene(models.Model):
    """What the devices of a room do together. Without a store it serves all."""

    _name = "teahouse.scene"
    _description = "Scene of a room"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Selection(
        [
            ("welcome", "Welcome"),
            ("tea", "Tea"),
            ("cinema", "Cinema"),
            ("leaving", "Leaving"),
            ("other", "Other"),
        ],
        string="Kind",
        default="other",
        required=True,
        help="A scene of a store or room replaces the general one of the same kind.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    store_id = fields.Many2one(
        "teahouse.store", index=True, ondelete="cascade", help="Empty: all stores."
    )
    room_id = fields.Many2one(
        "teahouse.room",
        index="btree_not_null",
        ondelete="cascade",
        domain="[('store_id', '=', store_id)]",
        help="Empty: all rooms of the store.",
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    guest_allowed = fields.Boolean(
        string="For guests", default=True, help="Guests may choose it during a stay."
    )
    line_ids = fields.One2many("teahouse.scene.line", "scene_id", string="Devices")

    _place_valid = models.Constraint(
        "CHECK(room_id IS NULL OR store_id IS NOT NULL)",
        "A scene of a room names its store.",
    )

    @api.model
    def _for_room(self, room):
        """Return the scenes (sudo) of a room: its own, the store's, then general ones.

        Of one kind the nearest counts; `other` ones stand beside each other.
        """
        found = self.sudo().search(
            [
                ("store_id", "in", (False, room.store_id.id)),
                ("room_id", "in", (False, room.id)),
            ]
        )
        nearest = found.sorted(lambda one: (not one.room_id, not one.store_id))
        chosen, taken = self.sudo(), set()
        for scene in nearest:
            if scene.code == "other" or scene.code not in taken:
                taken.add(scene.code)
                chosen |= scene
        return chosen.sorted(lambda one: (one.sequence, one.id))

    def _args(self, kind):
        """Return what the scene tells devices of a kind, None for nothing."""
        line = self.line_ids.filtered(lambda one: one.kind == kind)[:1]
        return line._command_args() if line else None

    def _play(self, devices, until, **vals):
        """Switch devices as the scene (one) says.

        :param devices: of the room
        :param until: instant naive UTC at which what is on goes off by itself
        :param vals: fields of the commands: source, guard, booking_id…
        :return: the commands (sudo)
        """
        commands = self.env["teahouse.command"].sudo()
        for device in devices:
            args = self._args(device.kind)
            if not args:
                continue
            off_at = until(device)
            if device.kind == "speaker":
                begin = vals.get("due_at") or db_now(self.env)
                off_at = begin + seconds(SAY_SECONDS)
            elif args["on"]:
                args = {**args, "until": epoch(off_at)}
            commands |= device._issue(
                "say" if device.kind == "speaker" else device.kind,
                args,
                expires_at=off_at,
                plan_key=f"scene_{self.code}",
                **vals,
            )
        return commands


class TeahouseSceneLine(models.Model):
    _name = "teahouse.scene.line"
    _description = "Device of a scene"
    _order = "id"

    scene_id = fields.Many2one(
        "teahouse.scene", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [
            ("light", "Light"),
            ("ac", "Air conditioning"),
            ("power", "Power"),
            ("speaker", "Speaker"),
        ],
        required=True,
    )
    turn_on = fields.Boolean(string="On", default=True)
    level_pct = fields.Integer(string="Level (%)", default=100)
    temp_c = fields.Integer(string="Degrees (°C)", default=24)
    text = fields.Char(translate=True, help="What the speaker says.")

    _kind_once = models.Constraint(
        "UNIQUE(scene_id, kind)", "A scene says once what a kind of device does."
    )
    _values_valid = models.Constraint(
        "CHECK(level_pct BETWEEN 0 AND 100 AND temp_c BETWEEN 16 AND 30)",
        "Light goes from 0 to 100 %, air conditioning from 16 to 30 °C.",
    )

    def _command_args(self):
        """Return the arguments of the command, None when nothing is to be done."""
        self.ensure_one()
        if self.kind == "speaker":
            store = self.scene_id.store_id
            lang = store.voice_lang or "zh_CN"
            text = self.with_context(lang=lang).text
            if not text:
                return None
            return {"text": text[:500], "lang": lang.replace("_", "-")}
        if not self.turn_on:
            return {"on": False}
        extra = {
            "light": {"level_pct": self.level_pct},
            "ac": {"temp_c": self.temp_c},
        }
        return {"on": True, **extra.get(self.kind, {})}


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _scene_devices(self, scene):
        """Return the devices (sudo) that a scene switches for guests of this stay."""
        kinds = scene.line_ids.mapped("kind")
        devices = self.room_id._devices(kinds, shared=False)
        return devices.filtered(lambda one: one.guest_control or one.kind == "speaker")

    def _guest_scenes(self):
        """Return the scenes (sudo) that guests may choose and that do something."""
        self.ensure_one()
        if not self.store_id.sudo().guest_scenes:
            return self.env["teahouse.scene"].sudo()
        scenes = self.env["teahouse.scene"]._for_room(self.room_id)
        return scenes.filtered(
            lambda scene: scene.guest_allowed and self._scene_devices(scene)
        )

    @api.model
    def _api_scenes(self, ref):
        """List the scenes that the guests of a booking may choose.

        :param str ref: booking
        :raise TeahouseError: not_found
        """
        booking_sudo, __ = self._api_booking_of_member(ref)
        return {
            "items": [
                {"id": scene.id, "name": scene.name, "kind": scene.code}
                for scene in booking_sudo._guest_scenes()
            ],
            "next_cursor": None,
        }

    @api.model
    def _api_play_scene(self, ref, scene_id):
        """Switch the devices of the room as a scene says, for the calling member.

        :return: the commands as the API shows them; devices out of reach get none
        :raise TeahouseError: not_found, invalid_state, device_offline
        """
        booking_sudo, member = self._api_booking_of_member(ref)
        scene = booking_sudo._guest_scenes().filtered(lambda one: one.id == scene_id)
        if not scene:
            raise TeahouseError("not_found", self.env._("There is no such scene."))
        if booking_sudo.state != "in_use":
            raise TeahouseError(
                "invalid_state", self.env._("Devices work while the room is in use.")
            )
        devices = booking_sudo._scene_devices(scene)
        online = devices.filtered(lambda device: device.state == "online")
        if not online:
            raise TeahouseError(
                "device_offline", self.env._("The devices cannot be reached now.")
            )
        commands = scene._play(
            online,
            booking_sudo._guest_until,
            guard="booking",
            source="guest",
            booking_id=booking_sudo.id,
            member_id=member.id,
        )
        return {"items": [one._api_values() for one in commands], "next_cursor": None}
