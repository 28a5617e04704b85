from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..const import BLOCKING_STATES

#: Longest window of the room board.
MAX_DAYS = 8
#: Type of the bus message that says which rooms changed.
CHANGED = "teahouse.board"
#: What the screens subscribe to is this and the store's id.
CHANNEL = "teahouse.board:"
#: States of a stay that the board shows.
SHOWN_STATES = (*BLOCKING_STATES, "no_show")


class TeahouseStore(models.Model):
    """The room board: rooms by time, as staff see a store.

    A fixed number of statements, however many rooms and stays.
    """

    _inherit = "teahouse.store"

    @api.model
    def board_stores(self):
        """Return the stores that the calling user may open on the board."""
        stores = self.search_fetch([], ["name", "tz"])
        return [{"id": s.id, "name": s.name, "tz": s.tz} for s in stores]

    def board_data(self, since, until, room_ids=None):
        """Return what the board shows of a store (one).

        :param str since: naive UTC, as the web client writes it
        :param str until: naive UTC
        :param list room_ids: only these, after a change; all without it
        :raise TeahouseError: invalid_request for a window that is none
        """
        self.ensure_one()
        self.check_access("read")
        since, until = map(fields.Datetime.to_datetime, (since, until))
        if not since < until or (until - since).days > MAX_DAYS:
            raise TeahouseError(
                "invalid_request",
                self.env._("Ask for a window of at most %s days.", MAX_DAYS),
            )
        domain = [("store_id", "=", self.id)]
        if room_ids is not None:
            domain.append(("id", "in", room_ids))
        rooms = self.env["teahouse.room"].search_fetch(
            domain,
            ["name", "capacity", "state", "slot_minutes", "room_type_id", "store_id"],
        )
        types = {one.id: one.display_name for one in rooms.room_type_id.sudo()}
        badges = self._board_badges(rooms)
        return {
            "store": {"id": self.id, "name": self.name, "tz": self.tz},
            "now": fields.Datetime.to_string(fields.Datetime.now()),
            "rooms": [
                {
                    "id": room.id,
                    "name": room.name,
                    "type": types.get(room.room_type_id.id, ""),
                    "capacity": room.capacity,
                    "open": room.state == "open",
                    "slot_minutes": room.slot_minutes,
                    "badges": badges.get(room.id, []),
                }
                for room in rooms
            ],
            "bars": self._board_bars(rooms, since, until),
            "closings": self._board_closings(rooms, since, until),
        }

    @api.model
    def _board_bars(self, rooms, since, until):
        """Return the stays of rooms, as the calling user may see them."""
        bookings = self.env["teahouse.booking"]
        if not bookings.has_access("read"):
            return []
        query = bookings._search(
            [
                ("room_id", "in", rooms.ids),
                ("state", "in", SHOWN_STATES),
                ("start", "<", until),
                ("blocked_until", ">", since),
            ]
        )
        partner = query.left_join(
            query.table, "partner_id", "res_partner", "id", "partner_id"
        )
        rows = self.env.execute_query(
            query.select(
                *(
                    SQL.identifier(query.table, name)
                    for name in (
                        *("id", "room_id", "state", "start", "end", "blocked_until"),
                        *("people", "ref", "kind", "source", "shadow_of_id"),
                    )
                ),
                SQL.identifier(partner, "name"),
            )
        )
        text = fields.Datetime.to_string
        return [
            {
                "id": row[0],
                "room_id": row[1],
                "state": row[2],
                "start": text(row[3]),
                "end": text(row[4]),
                "blocked_until": text(row[5]),
                "people": row[6],
                "ref": row[7],
                "kind": row[8],
                "source": row[9],
                "shadow": bool(row[10]),
                "guest": row[11] or "",
            }
            for row in rows
        ]

    @api.model
    def _board_closings(self, rooms, since, until):
        closings = self.env["teahouse.closing"].search(
            [
                ("store_id", "in", rooms.store_id.ids),
                ("room_id", "in", [False, *rooms.ids]),
                ("start", "<", until),
                ("end", ">", since),
            ]
        )
        text = fields.Datetime.to_string
        return [
            {
                "id": one.id,
                "room_id": one.room_id.id or False,
                "name": one.name,
                "start": text(one.start),
                "end": text(one.end),
            }
            for one in closings
        ]

    @api.model
    def _board_badges(self, rooms):
        """Hook: return what else is to be seen of rooms; upper addons add to it.

        :return: {room id: [{"icon", "title", "level"}]}, level info|warning|danger
        :rtype: dict
        """
        badges = defaultdict(list)
        tasks = self.env["teahouse.cleaning.task"]
        if not tasks.has_access("read"):
            return badges
        words = dict(tasks._fields["state"]._description_selection(self.env))
        now = fields.Datetime.now()
        waiting = tasks.search_fetch(
            [
                ("room_id", "in", rooms.ids),
                ("state", "in", ("waiting", "accepted", "started")),
                ("due_at", "<=", now),
            ],
            ["room_id", "state"],
        )
        for task in waiting:
            badges[task.room_id.id].append(
                {
                    "icon": "fa-paint-brush",
                    "title": self.env._("Cleaning: %s", words[task.state]),
                    "level": "info" if task.state == "started" else "warning",
                }
            )
        return badges

    # === LIVE === #

    @api.model
    def _board_changed(self, rooms):
        """Tell the screens that look at these rooms, once the transaction is kept."""
        stores = rooms.sudo().grouped("store_id")
        for store, its_rooms in stores.items():
            self.env["teahouse.live"]._tell(store, CHANGED, room_ids=its_rooms.ids)
        self.env["teahouse.today"]._changed(self.concat(*stores))
