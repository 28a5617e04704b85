"""When guests come into a room that is still to clean, and whether that is late."""

from datetime import timedelta

from odoo import api, fields, models

from .teahouse_cleaning_task import OPEN

#: Guests who come within this time make a room urgent.
SOON = timedelta(minutes=30)
URGENCIES = [("calm", "In time"), ("soon", "Guests come soon"), ("late", "Late")]


class TeahouseCleaningTask(models.Model):
    _inherit = "teahouse.cleaning.task"

    next_arrival_at = fields.Datetime(
        string="Next guests",
        compute="_compute_urgency",
        help="When the room's next stay starts, on hold or confirmed.",
    )
    arrival_minutes = fields.Integer(
        string="Minutes to next guests",
        compute="_compute_urgency",
        help="Below zero: the guests should be in the room already.",
    )
    urgency = fields.Selection(
        URGENCIES,
        compute="_compute_urgency",
        search="_search_urgency",
        help="Late: the room should be clean by now, or its next guests are due.",
    )

    @api.depends("room_id", "state", "finish_by")
    def _compute_urgency(self):
        now = fields.Datetime.now()
        unclean = self.filtered(lambda task: task.state in OPEN)
        arrivals = unclean.room_id._next_arrivals(now)
        for task in self:
            arrival = arrivals.get(task.room_id.id) if task in unclean else None
            task.next_arrival_at = arrival
            left = arrival - now if arrival else timedelta()
            task.arrival_minutes = left // timedelta(minutes=1)
            limits = [at for at in (arrival, task.finish_by) if at]
            if task not in unclean:
                task.urgency = "calm"
            elif limits and min(limits) <= now:
                task.urgency = "late"
            else:
                task.urgency = "soon" if arrival and left <= SOON else "calm"

    def _search_urgency(self, operator, value):
        if operator != "in":
            return NotImplemented
        # There are never more of these than rooms.
        unclean = self.search([("state", "in", OPEN)])
        found = [("id", "in", unclean.filtered(lambda t: t.urgency in value).ids)]
        if "calm" in value:
            return ["|", ("state", "not in", OPEN), *found]
        return found


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    def _next_arrivals(self, now):
        """Return ``{room id: start}`` of stays whose guests are still to come.

        Cleaners may not see stays, only when the room is needed.

        :param datetime now: naive UTC; stays that ended by then do not count
        """
        rows = (
            self.env["teahouse.booking"]
            .sudo()
            ._read_group(
                [
                    ("room_id", "in", self.ids),
                    ("state", "in", ("hold", "confirmed")),
                    ("end", ">", now),
                ],
                ["room_id"],
                ["start:min"],
            )
        )
        return {room.id: start for room, start in rows}
