from odoo import fields, models


class TeahouseNotificationTemplate(models.Model):
    _name = "teahouse.notification.template"
    _description = "Notification template"
    _order = "code"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Name by which the program asks for it.")
    title = fields.Char(required=True, translate=True)
    body = fields.Text(
        required=True, translate=True, help="Text with {placeholders} in braces."
    )
    active = fields.Boolean(default=True)
    channel_inbox = fields.Boolean(string="Inbox", default=True)
    channel_sms = fields.Boolean(string="SMS")
    channel_mail = fields.Boolean(string="Mail")
    channel_wechat = fields.Boolean(string="WeChat")

    _code_unique = models.Constraint("UNIQUE(code)", "The code is unique.")
