from odoo import models
from odoo.tools import SQL

from odoo.addons.teahouse_base.api import decode_cursor, encode_cursor, page


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    def _teahouse_lock(self):
        """Make whoever moves points of the same card come after us.

        Under REPEATABLE READ the one that waited fails to serialise and is replayed.
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE loyalty_card SET points = points WHERE id IN %s",
                tuple(self.ids),
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset(["points"])

    def _teahouse_move(self, points, description, record=None, event=None):
        """Add points to a card, or take them, with the entry that says why.

        :param int points: negative takes; a card never falls below zero
        :param record: what the points come from; the card itself by default
        :param str event: of the history; earned or spent by default
        :return: points moved
        """
        self.ensure_one()
        self._teahouse_lock()
        record = record or self
        moved = max(int(points), -int(self.points))
        if not moved:
            return 0
        self.points += moved
        self.env["loyalty.history"].create(
            {
                "card_id": self.id,
                "description": description,
                "teahouse_event": event or ("earned" if moved > 0 else "spent"),
                "issued": max(moved, 0),
                "used": max(-moved, 0),
                "order_model": record._name,
                "order_id": record.id,
            }
        )
        return moved

    def _api_history(self, query):
        """Return a page of the card's entries, the newest first."""
        after = decode_cursor(self.env, query.cursor, int)
        domain = [("card_id", "in", self.ids)]
        if after:
            domain.append(("id", "<", after[0]))
        found = self.env["loyalty.history"].sudo().search(domain, limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = encode_cursor(shown[-1].id) if len(found) > query.limit else None
        items = [
            {
                "id": entry.id,
                "description": entry.description,
                "points": int(entry.issued - entry.used),
                "at": entry.create_date.isoformat(timespec="seconds") + "+00:00",
            }
            for entry in shown
        ]
        return page(items, cursor)
