from odoo import api, fields, models

#: Devices take only higher numbers than they have seen: more than were given since.
SEQUENCE_LEAP = 1_000_000


class TeahouseRestore(models.AbstractModel):
    _inherit = "teahouse.restore"

    @api.model
    def _after_restore(self):
        """Override of `teahouse_base`: no door opens for who pressed before.

        Lasting states go on: a room whose guest has left still has to go dark, and
        their right is checked again when they are sent.
        """
        result = super()._after_restore()
        now = fields.Datetime.now()
        self.env["teahouse.command"].flush_model()
        self.env.cr.execute(
            """
            UPDATE teahouse_command
               SET state = 'expired', reason = 'restored', closed_at = %s
             WHERE klass = 'edge' AND state IN ('queued', 'sent') AND due_at <= %s
            """,
            (now, now),
        )
        self.env["teahouse.command"].invalidate_model()
        self.env.cr.execute(
            "SELECT setval('teahouse_device_seq', nextval('teahouse_device_seq') + %s)",
            (SEQUENCE_LEAP,),
        )
        return result
