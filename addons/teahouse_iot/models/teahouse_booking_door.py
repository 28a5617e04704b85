from psycopg2.errors import SerializationFailure

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso

from ..engine.plan import light_until, power_until
from ..tools import db_clock, db_now, epoch
from .teahouse_device import SWITCHES, PressedMeanwhile
from .teahouse_grant import ENTRY_STATES

READINGS = ("temp_c", "hum_pct", "co2_ppm", "power_w")
#: What a press reads of the store, which has a hundred fields: a guest waits outside.
STORE_FIELDS = (
    "use_devices",
    "exit_grace_minutes",
    "clean_before_entry",
    "unlock_pulse_ms",
    "at_end",
    "overtime_max_minutes",
    "tz",
)


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    # === DOORS === #

    @api.model
    def _api_open_door(self, ref, door):
        """Open the room's door or the store's gate for the calling member.

        :param str ref: booking
        :param str door: `room` or `gate`
        :return: the command as the API shows it; several presses give the same one
        :raise TeahouseError: not_found, forbidden, invalid_state, outside_window,
            device_offline (with the member's PIN); refusals are in the access log
        """
        pressed_at = db_clock(self.env)
        try:
            with self.env.cr.savepoint():
                return self._press(ref, door, pressed_at)
        except (SerializationFailure, PressedMeanwhile):
            # Another press has just won, which this transaction began too early to
            # see. A fresh one joins it at once, without a replay of the request.
            return self._press_afresh(ref, door, pressed_at)

    @api.model
    def _press_afresh(self, ref, door, pressed_at, tries=5):
        try:
            with self.env.registry.cursor() as cr:
                fresh = self.with_env(self.env(cr=cr))
                return fresh._press(ref, door, pressed_at)
        except (SerializationFailure, PressedMeanwhile):
            if tries == 1:
                raise
            return self._press_afresh(ref, door, pressed_at, tries - 1)

    @api.model
    def _press(self, ref, door, pressed_at):
        booking_sudo, member = self._api_booking_of_member(ref)
        booking_sudo.store_id.fetch(STORE_FIELDS)
        device_sudo = booking_sudo.room_id._door(door)
        facts = {
            "booking_id": booking_sudo.id,
            "member_id": member.id,
            "device_id": device_sudo.id,
            "store_id": booking_sudo.store_id.id,
            "room_id": booking_sudo.room_id.id if door == "room" else False,
            "method": "app",
        }
        try:
            grant_sudo = booking_sudo._check_entry(member, device_sudo)
        except TeahouseError as error:
            self.env["teahouse.access.log"]._log_refusal(
                {**facts, "reason": error.code}
            )
            raise
        command_sudo = device_sudo._unlock(
            pressed_at,
            source="app",
            guard="grant",
            grant_id=grant_sudo.id,
            booking_id=booking_sudo.id,
            member_id=member.id,
        )
        self.env["teahouse.access.log"]._log_pressed(
            command_sudo, "app", grant=grant_sudo
        )
        return command_sudo._api_values()

    def _api_values(self):
        """Override of `teahouse_booking` to say whether devices open the doors."""
        return {**super()._api_values(), "doors": self.sudo().store_id.use_devices}

    @api.model
    def _api_booking_of_member(self, ref):
        """Return a booking (sudo) the calling member takes part in, and the member.

        :raise TeahouseError: not_found, also for somebody else's booking
        """
        member = self.env["teahouse.member"]._current()
        booking_sudo = self.sudo().search_fetch([("ref", "=", ref)], limit=1)
        if member and member == booking_sudo.member_id:
            return booking_sudo, member
        people = booking_sudo.participant_ids.filtered(
            lambda participant: participant.state == "active"
        ).member_id
        if not member or member not in people:
            raise TeahouseError("not_found", self.env._("There is no such booking."))
        return booking_sudo, member

    def _check_entry(self, member, device):
        """Return the member's live grant, or say why this door stays closed.

        :raise TeahouseError: not_found, invalid_state, forbidden, outside_window,
            device_offline
        """
        self.ensure_one()
        if not self.store_id.use_devices:
            raise TeahouseError("not_found", self.env._("There is no such door."))
        if self.state not in ENTRY_STATES:
            raise TeahouseError(
                "invalid_state", self.env._("This booking opens no doors now.")
            )
        grant = self.env["teahouse.grant"]._live(member, self)[:1]
        if not grant:
            code = "invalid_state" if self.state == "completed" else "forbidden"
            raise TeahouseError(
                code, self.env._("Your access to this booking has ended.")
            )
        if self.state in ("confirmed", "in_use"):
            # Early entry begins once the stay before is over and the room clean.
            grant._move(*self._access_window())
        if not grant._is_live():
            raise TeahouseError("outside_window", self._window_words(grant))
        if not device:
            raise TeahouseError("not_found", self.env._("There is no such door."))
        if device.state != "online":
            raise self._offline_error(grant)
        return grant

    def _window_words(self, grant):
        """Say when the door opens, on the store's clock."""
        first = self.store_id._local(grant.valid_from)
        last = self.store_id._local(grant.valid_to)
        return self.env._(
            "The door opens for you from %(start)s to %(end)s.",
            start=f"{first:%m-%d %H:%M}",
            end=f"{last:%m-%d %H:%M}",
        )

    def _offline_error(self, grant):
        # The text of an error may be logged: the PIN goes beside it.
        return TeahouseError(
            "device_offline",
            self.env._("The door cannot be reached now. Enter your PIN at the door."),
            errors=[{"field": "pin", "message": grant.pin}],
        )

    # === DEVICES OF THE ROOM === #

    @api.model
    def _api_devices(self, ref):
        """List what the guests of a booking may switch.

        :param str ref: booking
        :raise TeahouseError: not_found
        """
        booking_sudo, __ = self._api_booking_of_member(ref)
        devices_sudo = booking_sudo._guest_devices()
        return {
            "items": [device._api_switch_values() for device in devices_sudo],
            "next_cursor": None,
        }

    def _guest_devices(self):
        """Return the devices (sudo) of the room that its guests may switch."""
        self.ensure_one()
        return self.room_id._devices(SWITCHES, shared=False).filtered("guest_control")

    @api.model
    def _api_switch(self, ref, device_id, body):
        """Switch a device of the room for the calling member.

        :param str ref: booking
        :param int device_id: device the store lets guests switch
        :param body: `action` on, off or set, with `value` for set
        :return: the command as the API shows it
        :raise TeahouseError: not_found, invalid_state, invalid_request,
            device_offline
        """
        booking_sudo, member = self._api_booking_of_member(ref)
        device_sudo = booking_sudo._guest_devices().filtered(
            lambda device: device.id == device_id
        )
        if not device_sudo:
            raise TeahouseError("not_found", self.env._("There is no such device."))
        if booking_sudo.state != "in_use":
            raise TeahouseError(
                "invalid_state", self.env._("Devices work while the room is in use.")
            )
        if device_sudo.state != "online":
            raise TeahouseError(
                "device_offline", self.env._("The device cannot be reached now.")
            )
        args = device_sudo._guest_args(body.action, body.value)
        off_at = booking_sudo._guest_until(device_sudo)
        if args["on"]:
            args["until"] = epoch(off_at)
        command_sudo = device_sudo._issue(
            device_sudo.kind,
            args,
            expires_at=off_at,
            guard="booking",
            source="guest",
            booking_id=booking_sudo.id,
            member_id=member.id,
        )
        return command_sudo._api_values()

    def _guest_until(self, device):
        rules, stay = self.store_id._plan_rules(), self._stay()
        until = light_until if device.kind == "light" else power_until
        return until(stay, rules)

    @api.model
    def _api_environment(self, ref):
        """Return the latest readings of the room's sensors, at most an hour old.

        :param str ref: booking
        :raise TeahouseError: not_found
        """
        booking_sudo, __ = self._api_booking_of_member(ref)
        zone = booking_sudo.store_id._zone()
        room = booking_sudo.room_id
        devices_sudo = self.env["teahouse.device"].sudo()
        latest = self.env["teahouse.telemetry"]._latest(
            devices_sudo.search([("room_id", "=", room.id)]), READINGS
        )
        ended = booking_sudo.ended_at
        wh, guessed = booking_sudo._energy(ended or db_now(self.env)) or (None, False)
        return {
            "room_id": room.id,
            "readings": {
                name: {"value": value, "at": iso(at, zone)}
                for name, (value, at) in latest.items()
            },
            "energy_wh": wh if wh is None else round(wh, 1),
            "energy_estimated": guessed,
        }


class TeahouseAccessLog(models.Model):
    _inherit = "teahouse.access.log"

    @api.model
    def _log_pressed(self, command, method, grant):
        """Note a press, once per command and grant however often it is pressed.

        In one statement: a guest stands at the door and waits for it.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """INSERT INTO teahouse_access_log (at, store_id, room_id, company_id,
                          device_id, booking_id, grant_id, member_id, user_id, method,
                          result, command_id, create_uid, write_uid, create_date,
                          write_date)
                   SELECT date_trunc('second', clock_timestamp() AT TIME ZONE 'UTC'),
                          d.store_id, d.room_id, s.company_id, d.id, g.booking_id,
                          g.id, g.member_id, g.user_id, %(method)s,
                          CASE c.state WHEN 'done' THEN 'opened' ELSE 'pending' END,
                          c.id, %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
                          now() AT TIME ZONE 'UTC'
                     FROM teahouse_command c
                     JOIN teahouse_device d ON d.id = c.device_id
                     JOIN teahouse_store s ON s.id = d.store_id
                     JOIN teahouse_grant g ON g.id = %(grant)s
                    WHERE c.id = %(command)s
                      AND NOT EXISTS (SELECT 1 FROM teahouse_access_log l
                                       WHERE l.command_id = c.id
                                         AND l.grant_id = g.id)""",
                method=method,
                uid=self.env.uid,
                grant=grant.id,
                command=command.id,
            )
        )
        # What was read of the lines of a booking or a command is old now.
        self.invalidate_model(flush=False)
        grant.booking_id.invalidate_recordset(["access_log_ids"], flush=False)


class TeahouseDevice(models.Model):
    _inherit = "teahouse.device"

    def _guest_args(self, action, value):
        """Return a command's arguments for what a guest asked.

        :param str action: on, off or set
        :param value: level in percent of a light, degrees of an air conditioning
        :raise TeahouseError: invalid_request
        """
        self.ensure_one()
        limits = {"light": ("level_pct", 0, 100), "ac": ("temp_c", 16, 30)}
        if action != "set":
            if value is not None:
                raise self._bad_value(self.env._("Only set takes a value."))
            return {"on": action == "on"}
        if self.kind not in limits:
            raise self._bad_value(self.env._("This device can be on or off only."))
        name, low, high = limits[self.kind]
        if value is None or not low <= value <= high:
            raise self._bad_value(
                self.env._("Give a value from %(low)s to %(high)s.", low=low, high=high)
            )
        return {"on": True, name: value}

    def _bad_value(self, text):
        return TeahouseError(
            "invalid_request", text, errors=[{"field": "value", "message": text}]
        )
