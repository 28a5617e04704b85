"""What sensors say about a room being empty."""

import logging

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..tools import db_now, seconds
from .teahouse_alarm_watch import is_open

_logger = logging.getLogger(__name__)

# A sensor that has been silent for longer says nothing about the room.
FRESH_SECONDS = 900


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    @api.model
    def _watch_leaving(self):
        """End the stays whose rooms have been empty for long enough."""
        stays = self.search(
            [("state", "=", "in_use"), ("store_id.end_on_evidence", "=", True)]
        )
        for stay in stays:
            since = stay.room_id._empty_since()
            if not since:
                continue
            try:
                with self.env.cr.savepoint():
                    stay._leave_on_evidence(since)
            except TeahouseError as error:
                # The stay moved on meanwhile: the others are looked at all the same.
                _logger.info("booking %s stays open: %s", stay.ref, error.code)


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    def _empty_since(self):
        """Return since when the room's sensors say that nobody is there (one).

        Presence sensors decide where there are any: all of them must say so.
        Otherwise the door has been closed and the power below the store's limit
        since then. False when nothing says so.

        :return: naive UTC or False
        """
        self.ensure_one()
        devices = self.env["teahouse.device"].sudo()
        devices = devices.search([("room_id", "=", self.id)])
        presence = devices._presence_off()
        if presence:
            return all(presence.values()) and max(presence.values())
        return devices._quiet_since(self.store_id.sudo().leave_power_w)


class TeahouseDevice(models.Model):
    _inherit = "teahouse.device"

    def _presence_off(self):
        """Return since when presence sensors among these see nobody.

        :return: {device: naive UTC, False while somebody is seen or unknown}
        """
        if not self:
            return {}
        now = db_now(self.env)
        rows = self.env.execute_query(
            SQL(
                """SELECT device_id, max(received_at) FILTER (WHERE presence),
                          max(received_at) FILTER (WHERE NOT presence),
                          min(received_at) FILTER (WHERE NOT presence)
                     FROM teahouse_telemetry
                    WHERE device_id IN %s AND presence IS NOT NULL
                      AND received_at > %s
                 GROUP BY device_id""",
                tuple(self.ids),
                now - seconds(86400),
            )
        )
        result = {}
        for device_id, seen, unseen, first in rows:
            fresh = unseen and unseen > now - seconds(FRESH_SECONDS)
            gone = fresh and (not seen or seen < unseen)
            result[self.browse(device_id)] = gone and (seen or first)
        for device, (payload, at) in self._latest_events("presence", self).items():
            if device not in result:
                off = device.state == "online" and not payload.get("on")
                result[device] = off and at
        return result

    def _quiet_since(self, limit):
        """Return since when doors are closed and meters show less than `limit`.

        :param limit: watts, 0 = not looked at
        :return: naive UTC or False
        """
        doors = self._latest_events("door", self) if limit else {}
        if not doors or any(is_open(payload) for payload, __ in doors.values()):
            return False
        now = db_now(self.env)
        [(busy, last, first)] = self.env.execute_query(
            SQL(
                """SELECT max(received_at) FILTER (WHERE power_w >= %s),
                          max(received_at), min(received_at)
                     FROM teahouse_telemetry
                    WHERE device_id IN %s AND power_w IS NOT NULL
                      AND received_at > %s""",
                limit,
                tuple(self.ids),
                now - seconds(86400),
            )
        )
        if not last or last < now - seconds(FRESH_SECONDS):
            return False
        closed = max(at for __, at in doors.values())
        return max(closed, busy or first)
