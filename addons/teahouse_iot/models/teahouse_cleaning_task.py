from odoo import models


class TeahouseCleaningTask(models.Model):
    _inherit = "teahouse.cleaning.task"

    def _on_finished(self):
        """The room is clean: the next guests may come in early now."""
        result = super()._on_finished()
        self.booking_id._refresh_following()
        return result
