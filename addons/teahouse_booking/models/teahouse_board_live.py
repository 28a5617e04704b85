"""What tells the room board that it shows something old."""

from odoo import api, models

#: Fields of a stay that the board shows.
WATCHED = frozenset(
    ("state", "start", "end", "room_id", "blocked_until", "people", "partner_id")
)


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    @api.model_create_multi
    def create(self, vals_list):
        bookings = super().create(vals_list)
        self.env["teahouse.store"]._board_changed(bookings.room_id)
        return bookings

    def write(self, vals):
        if not WATCHED.intersection(vals):
            return super().write(vals)
        rooms = self.sudo().room_id
        result = super().write(vals)
        self.env["teahouse.store"]._board_changed(rooms | self.sudo().room_id)
        return result


class TeahouseCleaningTask(models.Model):
    _inherit = "teahouse.cleaning.task"

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        self.env["teahouse.store"]._board_changed(tasks.room_id)
        return tasks

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self.env["teahouse.store"]._board_changed(self.room_id)
        return result


class TeahouseClosing(models.Model):
    _inherit = "teahouse.closing"

    @api.model_create_multi
    def create(self, vals_list):
        closings = super().create(vals_list)
        closings._tell_board()
        return closings

    def write(self, vals):
        self._tell_board()
        result = super().write(vals)
        self._tell_board()
        return result

    def unlink(self):
        self._tell_board()
        return super().unlink()

    def _tell_board(self):
        for closing in self.sudo():
            rooms = closing.room_id or closing.store_id.room_ids
            self.env["teahouse.store"]._board_changed(rooms)
