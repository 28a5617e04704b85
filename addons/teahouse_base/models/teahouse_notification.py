from odoo import api, fields, models


class TeahouseNotification(models.Model):
    _name = "teahouse.notification"
    _description = "Notification"
    _order = "id desc"
    _rec_name = "title"

    member_id = fields.Many2one("teahouse.member", ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", ondelete="cascade", index=True)
    template_id = fields.Many2one("teahouse.notification.template", ondelete="restrict")
    channel = fields.Selection(
        [
            ("inbox", "Inbox"),
            ("sms", "SMS"),
            ("mail", "Mail"),
            ("wechat", "WeChat"),
        ],
        required=True,
    )
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("expired", "Expired"),
            ("read", "Read"),
        ],
        default="queued",
        required=True,
    )
    title = fields.Char()
    event_key = fields.Char(required=True)
    due_at = fields.Datetime(required=True, default=fields.Datetime.now)
    expires_at = fields.Datetime()

    @api.model
    def _notify(self, recipients, template_code, values, event_key, due_at=None):
        """Queue a message to members or users, never twice for one event.

        :param recipients: ``teahouse.member`` or ``res.users`` records
        :param str template_code: code of the template
        :param dict values: for the placeholders of the template
        :param str event_key: names the event; a second call with it does nothing
        :param datetime due_at: naive UTC instant to send at, now without one
        :return: the notifications (sudo) that were queued
        """
        return self.sudo().browse()
