"""The live wall of a store's devices, and what tells it that it is old."""

from collections import defaultdict

from odoo import api, fields, models

from ..engine.outbox import OPEN
from .teahouse_alarm_watch import is_open
from .teahouse_device import DOORS, SWITCHES

CHANNEL = "teahouse_wall_"
CHANGED = "teahouse_wall_changed"
LAST_COMMANDS = 12
READINGS = ("temp_c", "hum_pct", "co2_ppm", "power_w")


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    @api.model
    def wall_stores(self):
        """Return the stores whose devices the calling user may see."""
        stores = self.env["teahouse.device"].search([]).store_id
        return [{"id": store.id, "name": store.name} for store in stores]

    def device_wall(self):
        """Return everything the wall of a store (one) shows.

        :return: rooms with their devices and readings, open alarms, last commands
        :rtype: dict
        """
        self.ensure_one()
        self.check_access("read")
        devices = self.env["teahouse.device"].search([("store_id", "=", self.id)])
        commands = self.env["teahouse.command"].search(
            [("store_id", "=", self.id)], limit=LAST_COMMANDS
        )
        under_way = self.env["teahouse.command"].search(
            [
                ("device_id", "in", devices.ids),
                ("state", "in", OPEN),
                ("due_at", "<=", fields.Datetime.now()),
            ]
        )
        waiting = set(under_way.device_id.ids)
        doors = {
            device.id: is_open(payload)
            for device, (payload, __) in devices._latest_events("door", devices).items()
        }
        places = [self.env["teahouse.room"], *devices.room_id.sorted("sequence")]
        return {
            "store": {"id": self.id, "name": self.name, "tz": self.tz},
            "places": [
                place
                for room in places
                if (
                    place := self._wall_place(
                        room,
                        devices.filtered(lambda one, room=room: one.room_id == room),
                        doors,
                        waiting,
                    )
                )["devices"]
            ],
            "alarms": self._wall_alarms(devices),
            "commands": [self._wall_command(command) for command in commands],
            "may_open": self.env.user.has_group(
                "teahouse_base.teahouse_base_group_staff"
            ),
            "simulator": self.env["teahouse.device"]._simulator_url() is not None
            and devices.has_access("write"),
        }

    @api.model
    def _wall_place(self, room, devices, doors, waiting):
        latest = self.env["teahouse.telemetry"]._latest(devices.sudo(), READINGS)
        stay_sudo = self.env["teahouse.booking"].sudo()
        if room:
            stay_sudo = stay_sudo.search(
                [("room_id", "=", room.id), ("state", "=", "in_use")], limit=1
            )
        return {
            "id": room.id or 0,
            "name": room.name or "",
            "until": fields.Datetime.to_string(stay_sudo.end) if stay_sudo else False,
            "readings": {name: value for name, (value, __) in latest.items()},
            "devices": [
                {
                    "id": device.id,
                    "name": device.name,
                    "kind": device.kind,
                    "state": device.state,
                    "since": fields.Datetime.to_string(device.state_at),
                    "on": device.is_on,
                    "battery": device.battery_pct,
                    "battery_low": device.battery_low,
                    "door_open": doors.get(device.id, False),
                    "alarms": device.open_alarm_count,
                    "waiting": device.id in waiting,
                    "door": device.kind in DOORS,
                    "switch": device.kind in SWITCHES,
                }
                for device in devices
            ],
        }

    @api.model
    def _wall_alarms(self, devices):
        alarms = self.env["teahouse.alarm"].search(
            [("device_id", "in", devices.ids), ("state", "=", "open")]
        )
        return [
            {
                "id": alarm.id,
                "name": alarm.display_name,
                "severity": alarm.severity,
                "detail": alarm.detail or "",
                "at": fields.Datetime.to_string(alarm.opened_at),
                "taken": alarm.taken_id.name or "",
            }
            for alarm in alarms.sorted(lambda one: one.severity)
        ]

    @api.model
    def _wall_command(self, command):
        labels = dict(command._fields["state"]._description_selection(self.env))
        return {
            "id": command.id,
            "name": command.display_name,
            "state": command.state,
            "label": labels[command.state],
            "reason": command.reason or "",
            "at": fields.Datetime.to_string(command.create_date),
        }

    @api.model
    def _board_badges(self, rooms):
        """Override: devices that are out of reach, and alarms."""
        badges = super()._board_badges(rooms)
        devices = self.env["teahouse.device"]
        if not devices.has_access("read"):
            return badges
        gone = defaultdict(int)
        for device in devices.search(
            [("room_id", "in", rooms.ids), ("state", "=", "offline")]
        ):
            gone[device.room_id.id] += 1
        alarms = self.env["teahouse.alarm"].search(
            [
                ("room_id", "in", rooms.ids),
                ("state", "=", "open"),
                ("kind", "!=", "offline"),
            ]
        )
        for room_id, count in gone.items():
            badges[room_id].append(
                {
                    "icon": "fa-plug",
                    "title": self.env._("%s devices offline", count),
                    "level": "warning",
                }
            )
        for alarm in alarms:
            badges[alarm.room_id.id].append(
                {
                    "icon": "fa-bell",
                    "title": alarm.display_name,
                    "level": "danger" if alarm.severity == "critical" else "warning",
                }
            )
        return badges

    # === LIVE === #

    @api.model
    def _wall_changed(self, stores):
        """Tell the walls that look at these stores, once the transaction is kept."""
        for store in stores:
            self.env["teahouse.live"]._tell(
                (store, "wall"), CHANGED, store_ids=store.ids
            )


class TeahouseCommand(models.Model):
    _inherit = "teahouse.command"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the wall shows that something is under way."""
        commands = super().create(vals_list)
        self.env["teahouse.store"]._wall_changed(commands.sudo().store_id)
        return commands

    def _apply_effect(self):
        """Override: the wall shows the answer."""
        result = super()._apply_effect()
        self.env["teahouse.store"]._wall_changed(self.store_id)
        return result


class TeahouseDeviceEvent(models.Model):
    _inherit = "teahouse.device.event"

    def _apply(self):
        """Override: the wall shows what happened."""
        result = super()._apply()
        self.env["teahouse.store"]._wall_changed(self.device_id.store_id)
        return result


class TeahouseAlarm(models.Model):
    _inherit = "teahouse.alarm"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: the wall shows the alarm."""
        alarms = super().create(vals_list)
        self.env["teahouse.store"]._wall_changed(alarms.store_id)
        return alarms
