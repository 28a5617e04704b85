from odoo import api, fields, models


class TeahouseNotification(models.Model):
    _inherit = "teahouse.notification"

    marketing = fields.Boolean(
        readonly=True, help="Advertising: counted against the member's limit."
    )

    @api.model
    def _notify_many(self, members, template_code, values, event_key, due_at=None):
        """Queue one message to very many members in few statements.

        Only the inbox, which needs no sender and no encryption of its own for texts
        that are the same for all, and the other channels as `_notify` chooses them.

        :param members: ``teahouse.member`` records
        :param str event_key: names the event; who has been told is not told again
        :return: how many were told
        """
        told = self._notify(members, template_code, values, event_key, due_at)
        return len(told.member_id)
