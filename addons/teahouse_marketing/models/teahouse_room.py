from odoo import models


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    def _horizon_days(self):
        """Let members of a tier book further ahead."""
        tier_sudo = self.env.user.sudo().teahouse_own_member_ids[:1].tier_id
        return super()._horizon_days() + tier_sudo.extra_horizon_days
