from odoo import models


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _merge_into(self, target):
        """Override of `teahouse_base`: what stays cost, and still owe, moves along."""
        self._hand_over(target, "teahouse.charge.line")
        return super()._merge_into(target)
