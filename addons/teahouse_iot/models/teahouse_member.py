from odoo import models


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _merge_into(self, target):
        """Override of `teahouse_base`: who was in which room stays known."""
        self._hand_over(
            target, "teahouse.access.log", "teahouse.grant", "teahouse.command"
        )
        return super()._merge_into(target)
