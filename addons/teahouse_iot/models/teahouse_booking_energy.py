"""Energy used per stay, from the meters of its rooms."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..engine.energy import used
from ..tools import db_now, seconds
from .teahouse_booking import STAFF

# Meters report every half minute or so, and late: then the stay is counted.
WAIT_SECONDS = 600
# Readings so far from the window still tell what happened at its edges.
EDGE = timedelta(hours=6)


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    energy_wh = fields.Float(
        string="Energy used (Wh)",
        readonly=True,
        copy=False,
        digits=(16, 0),
        aggregator="sum",
        groups=STAFF,
        help="Counted by the meters of the room from check-in to the end of use.",
    )
    energy_estimated = fields.Boolean(
        string="Energy estimated",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="A meter was silent when the stay began or ended.",
    )
    energy_counted = fields.Boolean(readonly=True, copy=False, groups=STAFF)
    # Rooms left during the stay: [[room id, epoch from, epoch until], …].
    energy_rooms = fields.Json(readonly=True, copy=False, groups=STAFF)

    def _on_room_changed(self, old_room):
        """Override: what they used in the old room is counted there."""
        result = super()._on_room_changed(old_room)
        for booking_sudo in self.sudo():
            if booking_sudo.state == "in_use":
                left = booking_sudo.energy_rooms or []
                since = left[-1][2] if left else booking_sudo.checked_in_at
                text = fields.Datetime.to_string
                booking_sudo.energy_rooms = [
                    *left,
                    [
                        old_room.id,
                        since if isinstance(since, str) else text(since),
                        text(db_now(self.env)),
                    ],
                ]
        return result

    def _used_rooms(self, until):
        """Return [(room id, from, until)] of where and when the stay (one) was."""
        instant = fields.Datetime.to_datetime
        left = [
            (room_id, instant(since), instant(to))
            for room_id, since, to in self.energy_rooms or []
        ]
        since = left[-1][2] if left else self.checked_in_at
        return [*left, (self.room_id.id, since, until)]

    def _energy(self, until):
        """Return what a stay (one) has used until an instant.

        :param until: naive UTC
        :return: (Wh, whether a part is a guess), None when no meter says anything
        """
        self.ensure_one()
        if not self.checked_in_at:
            return None
        total, guessed, known = 0.0, False, False
        for room_id, start, end in self._used_rooms(until):
            for readings in self._meter_readings(room_id, start, end):
                result = used(readings, start, end)
                if result:
                    known = True
                    total += result[0]
                    guessed = guessed or result[1]
        return (total, guessed) if known else None

    @api.model
    def _meter_readings(self, room_id, start, end):
        """Return a list of readings for each meter of a room, in order of time."""
        rows = self.env.execute_query(
            SQL(
                """SELECT t.device_id, t.received_at, t.energy_wh
                     FROM teahouse_telemetry t
                     JOIN teahouse_device d ON d.id = t.device_id
                    WHERE d.room_id = %s AND t.energy_wh IS NOT NULL
                      AND t.received_at BETWEEN %s AND %s
                 ORDER BY t.device_id, t.received_at""",
                room_id,
                start - EDGE,
                end + EDGE,
            )
        )
        meters = {}
        for device_id, at, value in rows:
            meters.setdefault(device_id, []).append((at, value))
        return meters.values()

    @api.model
    def _meter_ended(self):
        """Count the energy of stays that ended, once their meters have reported."""
        now = db_now(self.env)
        stays = self.search(
            [
                ("state", "=", "completed"),
                ("energy_counted", "=", False),
                ("ended_at", "<", now - seconds(WAIT_SECONDS)),
                ("ended_at", ">", now - timedelta(days=3)),
            ],
            limit=200,
        )
        for stay in stays:
            result = stay._energy(stay.ended_at)
            wh, guessed = result or (0, False)
            stay.write(
                {
                    "energy_counted": True,
                    "energy_wh": wh,
                    "energy_estimated": guessed,
                }
            )
