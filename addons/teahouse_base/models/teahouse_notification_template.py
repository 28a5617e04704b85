import re

from odoo import api, fields, models

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


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
    sample = fields.Json(
        help="Values for the preview, one for each placeholder that the event offers."
    )
    preview = fields.Text(compute="_compute_preview")
    offered = fields.Char(
        string="Values offered",
        compute="_compute_preview",
        help="Names that the event gives, to stand in braces.",
    )
    not_offered = fields.Char(
        compute="_compute_preview",
        help="Names in the texts that the event does not give: they stay empty.",
    )
    active = fields.Boolean(
        default=True, help="An archived template sends nothing at all."
    )
    channel_inbox = fields.Boolean(string="Inbox", default=True)
    channel_sms = fields.Boolean(string="SMS")
    channel_mail = fields.Boolean(string="Mail")
    channel_wechat = fields.Boolean(string="WeChat")
    urgent = fields.Boolean(help="Sent in quiet hours too, and by SMS in any case.")
    lifetime_minutes = fields.Integer(
        string="Worth sending for (minutes)",
        default=1440,
        help="What could not be sent by then expires.",
    )
    sms_code = fields.Char(
        string="Template at the SMS service",
        help="Identifier under which the service approved this text.",
    )

    sms_param_names = fields.Char(
        string="Values at the SMS service",
        help="Names in the order of the service's template: code, minutes. "
        "Those of the text if empty.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "The code is unique.")
    _lifetime_positive = models.Constraint(
        "CHECK(lifetime_minutes > 0)", "A message is worth sending for some time."
    )

    @api.depends("title", "body", "sample")
    def _compute_preview(self):
        for template in self:
            sample = template.sample or {}
            title, text = template._render(sample)
            template.preview = f"{title}\n\n{text}" if text else title
            template.offered = ", ".join(f"{{{name}}}" for name in sample)
            named = dict.fromkeys(_PLACEHOLDER.findall(template._texts()))
            unknown = [f"{{{name}}}" for name in named if name not in sample]
            template.not_offered = ", ".join(unknown)

    def _texts(self):
        """Return all texts with placeholders, one after the other."""
        self.ensure_one()
        return f"{self.title or ''}\n{self.body or ''}"

    def _render(self, values):
        """Return title and body with the placeholders filled.

        Only plain names are looked up, so a text cannot reach into objects; a name
        without value is left empty.
        """
        self.ensure_one()

        return self._fill(self.title, values), self._fill(self.body, values)

    @api.model
    def _fill(self, text, values):
        return _PLACEHOLDER.sub(lambda match: str(values.get(match[1], "")), text or "")

    def _sms_params(self):
        """Return the names of the values that the service's template takes, in order.

        Without a list of their own they are those of the text.
        """
        self.ensure_one()
        if self.sms_param_names:
            return re.findall(r"\w+", self.sms_param_names)
        return list(dict.fromkeys(_PLACEHOLDER.findall(self.body or "")))

    @api.model
    def _by_code(self, code):
        """Return the template (sudo) of a code, archived or not.

        :raise ValueError: there is none; the addon that notifies brings it along
        """
        template_sudo = (
            self.sudo().with_context(active_test=False).search([("code", "=", code)])
        )
        if not template_sudo:
            raise ValueError(f"There is no notification template {code!r}.")
        return template_sudo
