from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import iso, to_aware

from ..engine.rules import RoomRules
from ..engine.rules import starts as possible_starts

#: Stores that customers may look at.
SHOWN = SQL("s.active AND s.state IN ('open', 'paused')")


class TeahouseRoom(models.Model):
    """What customers see of what is free: one statement, however many rooms."""

    _inherit = "teahouse.room"

    @api.model
    def _api_availability(self, room_id, query):
        """Return the free intervals of a room.

        :raise TeahouseError: not_found, invalid_request
        """
        window = self._api_window(query.from_, query.to)
        which = SQL("r.id = %s AND r.active AND %s", room_id, SHOWN)
        values = self._availability(*window, which, query.starts)
        if not values:
            raise TeahouseError("not_found", self.env._("There is no such room."))
        return {name: value for name, value in values[0].items() if name != "name"}

    @api.model
    def _availability(self, since, until, which, starts=False):
        """Return the free intervals of rooms, with what may be booked in them.

        What has passed, what is too short and what lies beyond the horizon is left
        out; each interval says how long a stay may be that begins at its start.

        :param SQL which: condition on the room ``r`` and its store ``s``
        :param bool starts: name each possible start, too
        :rtype: list[dict]
        """
        # Of no room: how much further ahead the caller may book.
        further = self.browse()._horizon_days()
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        return [
            row_values(
                row._replace(horizon_days=row.horizon_days + further), now, starts
            )
            for row in self._open_rows(since, until, which)
        ]


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    @api.model
    def _api_availability(self, store_id, query):
        """Return the free intervals of all rooms of a store.

        :raise TeahouseError: not_found, invalid_request
        """
        rooms = self.env["teahouse.room"]
        window = rooms._api_window(query.from_, query.to)
        which = SQL("r.store_id = %s AND r.active AND %s", store_id, SHOWN)
        values = rooms._availability(*window, which, query.starts)
        if not values:
            self._api_find(store_id)
        return {"rooms": values}


def row_values(row, now, starts=False):
    """Return a room's free intervals for customers.

    :param RoomRow row:
    :param now: naive UTC, whole minutes
    :param bool starts: name each possible start, with the longest stay from there
    """
    zone = ZoneInfo(row.tz)
    horizon = now + timedelta(days=row.horizon_days)
    items = []
    for start, end in row.spans if row.bookable else ():
        start = max(start, now)
        longest = int((end - start).total_seconds() // 60)
        if longest < row.min_minutes or start > horizon:
            continue
        item = {
            "start": iso(start, zone),
            "end": iso(end, zone),
            "max_minutes": min(longest, row.max_minutes),
        }
        if starts:
            item["starts"] = start_values(row, start, end, now)
        items.append(item)
    return {
        "room_id": row.room_id,
        "name": row.name,
        "free": items,
        "slot_minutes": row.slot_minutes,
        "min_minutes": row.min_minutes,
        "max_minutes": row.max_minutes,
        "lead_minutes": row.lead_minutes,
        "horizon_days": row.horizon_days,
        "turnover_minutes": row.turnover_minutes,
        "timezone": row.tz,
    }


def start_values(row, start, end, now):
    """Return the possible starts in a free interval, naive UTC, for customers."""
    zone = ZoneInfo(row.tz)
    rules = RoomRules(
        slot_minutes=row.slot_minutes,
        min_minutes=row.min_minutes,
        max_minutes=row.max_minutes,
        lead_minutes=row.lead_minutes,
        horizon_days=row.horizon_days,
    )
    found = possible_starts(rules, *(to_aware(at, zone) for at in (start, end, now)))
    return [{"start": at.isoformat(), "max_minutes": longest} for at, longest in found]
