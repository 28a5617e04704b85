"""Subscribe messages of WeChat: each acceptance by a member is good for one."""

import json
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..api import page
from ..exceptions import TeahouseError
from ..tools.platform import PlatformError
from .teahouse_notification_sender import FinalFailure

_NAME = re.compile(
    r"(?:thing|character_string|number|letter|symbol|time|date|amount"
    r"|phone_number|car_number|name|phrase|const|short_thing)\d+"
)
# Longest values, by the kind that the name of a field begins with.
LENGTHS = {
    "thing": 20,
    "character_string": 32,
    "number": 32,
    "letter": 32,
    "symbol": 5,
    "name": 10,
    "phrase": 5,
    "short_thing": 5,
    "phone_number": 17,
    "car_number": 8,
}
# WeChat does not take one member's acceptances for more than it shows him.
MOST_KEPT = 50


class TeahouseWechatSubscription(models.Model):
    _name = "teahouse.wechat.subscription"
    _description = "Messages that a member accepts on WeChat"

    member_id = fields.Many2one("teahouse.member", required=True, ondelete="cascade")
    template_id = fields.Many2one(
        "teahouse.notification.template",
        required=True,
        ondelete="cascade",
        index=True,
    )
    remaining = fields.Integer(string="Messages left")

    _one_each = models.Constraint(
        "UNIQUE(member_id, template_id)", "One counter a member and template."
    )
    _not_negative = models.Constraint(
        "CHECK(remaining >= 0)", "A message needs an acceptance."
    )

    @api.model
    def _add(self, member, template):
        """Count one acceptance."""
        self.flush_model()
        self.env.execute_query(
            SQL(
                """INSERT INTO teahouse_wechat_subscription
                       (member_id, template_id, remaining)
                   VALUES (%s, %s, 1)
                   ON CONFLICT (member_id, template_id) DO UPDATE SET remaining =
                       least(%s, teahouse_wechat_subscription.remaining + 1)
                   RETURNING id""",
                member.id,
                template.id,
                MOST_KEPT,
            )
        )
        self.invalidate_model(["remaining"])

    @api.model
    def _left(self, member, template):
        """Return how many messages the member still accepts."""
        return (
            self.sudo()
            .search([("member_id", "=", member.id), ("template_id", "=", template.id)])
            .remaining
        )

    @api.model
    def _take(self, member, template):
        """Use an acceptance up; tells whether there was one."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """UPDATE teahouse_wechat_subscription SET remaining = remaining - 1
                    WHERE member_id = %s AND template_id = %s AND remaining > 0
                RETURNING id""",
                member.id,
                template.id,
            )
        )
        self.invalidate_model(["remaining"])
        return bool(rows)

    @api.model
    def _none_left(self, member, template):
        """Believe WeChat that the member accepts no more."""
        self.sudo().search(
            [("member_id", "=", member.id), ("template_id", "=", template.id)]
        ).remaining = 0

    @api.model
    def _api_list(self, member):
        """Return what the app may ask the member to accept."""
        templates_sudo = self.env["teahouse.notification.template"].sudo()
        found = templates_sudo.search(
            [("wechat_template", "!=", False), ("channel_wechat", "=", True)]
        )
        return page([self._api_entry(member, template) for template in found])

    @api.model
    def _api_accept(self, member, body):
        """Count what the member just accepted in WeChat's dialog.

        :param body: see ``SubscriptionsCreate``
        :raise TeahouseError: invalid_request for a template that is not offered
        """
        templates_sudo = self.env["teahouse.notification.template"].sudo()
        found = templates_sudo.search(
            [
                ("wechat_template", "in", body.template_ids),
                ("channel_wechat", "=", True),
            ]
        )
        if set(found.mapped("wechat_template")) != set(body.template_ids):
            message = self.env._("There is no such template.")
            errors = [{"field": "template_ids", "message": message}]
            raise TeahouseError("invalid_request", message, errors)
        for template in found:
            self.sudo()._add(member, template)
        return self._api_list(member)

    @api.model
    def _api_entry(self, member, template):
        return {
            "template": template.code,
            "template_id": template.wechat_template,
            "name": template.name,
            "remaining": self._left(member, template),
        }


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _merge_into(self, target):
        """Override: messages that were accepted stay so, as the openid moves."""
        subscriptions = self.env["teahouse.wechat.subscription"]
        for row in subscriptions.search([("member_id", "=", self.id)]):
            for _time in range(row.remaining):
                subscriptions._add(target, row.template_id)
            row.unlink()
        super()._merge_into(target)


class TeahouseNotificationTemplate(models.Model):
    _inherit = "teahouse.notification.template"

    wechat_template = fields.Char(
        string="Template of WeChat", help="Identifier of the subscribe message."
    )
    wechat_page = fields.Char(
        string="Page of the mini-program", help="Opened by a tap, e.g. pages/booking."
    )
    wechat_fields = fields.Text(
        string="Values for WeChat",
        help="A line for each field of the message: thing1: {store}",
    )

    preview_wechat = fields.Text(string="On WeChat", compute="_compute_preview_wechat")

    @api.depends("wechat_fields", "sample")
    def _compute_preview_wechat(self):
        for template in self:
            data = template._wechat_data(template.sample or {})
            lines = [f"{name}: {entry['value']}" for name, entry in data.items()]
            template.preview_wechat = "\n".join(lines)

    @api.depends("wechat_fields")
    def _compute_preview(self):
        return super()._compute_preview()

    def _texts(self):
        """Override: the values for WeChat have placeholders, too."""
        return f"{super()._texts()}\n{self.wechat_fields or ''}"

    @api.constrains("wechat_fields")
    def _check_wechat_fields(self):
        for template in self:
            for name, _text in template._wechat_lines():
                if not _NAME.fullmatch(name):
                    raise ValidationError(
                        self.env._("WeChat has no field of the name %s.", name)
                    )

    def _wechat_lines(self):
        self.ensure_one()
        lines = [line for line in (self.wechat_fields or "").splitlines() if line]
        pairs = [line.partition(":")[::2] for line in lines]
        return [(name.strip(), text.strip()) for name, text in pairs]

    def _wechat_data(self, values):
        """Return the values of a subscribe message, none longer than WeChat takes."""
        return {
            name: {"value": _fit(name, self._fill(text, values))}
            for name, text in self._wechat_lines()
        }


class TeahouseNotification(models.Model):
    _inherit = "teahouse.notification"

    @api.model
    def _reaches_wechat(self, member, template):
        """Override: an openid, a template and an acceptance are there."""
        if not template.wechat_template or not self._wechat_identity(member):
            return super()._reaches_wechat(member, template)
        subscriptions = self.env["teahouse.wechat.subscription"]
        return subscriptions._left(member, template) > 0

    @api.model
    def _wechat_identity(self, member):
        """Return the member's identity (sudo) at the mini-program, or none."""
        app_sudo = self.env["teahouse.platform.app"]._of_kind("mini_program")
        return member.sudo().identity_ids.filtered(
            lambda identity: (
                identity.provider == "wechat" and identity.app_id == app_sudo.app_id
            )
        )[:1]

    def _deliver_wechat(self):
        """Override: send a subscribe message, using one acceptance up."""
        subscriptions = self.env["teahouse.wechat.subscription"].sudo()
        app_sudo = self.env["teahouse.platform.app"]._of_kind("mini_program")
        identity_sudo = self._wechat_identity(self.member_id)
        template = self.template_id.with_context(lang=self.member_id.lang)
        if not identity_sudo or not template.wechat_template:
            return super()._deliver_wechat()
        if not subscriptions._take(self.member_id, template):
            return FinalFailure(self.env._("The member accepts no more messages."))
        try:
            app_sudo._client().send_subscribed(
                identity_sudo.subject,
                template.wechat_template,
                template._wechat_data(json.loads(self.params or "{}")),
                template.wechat_page or None,
            )
        except PlatformError as error:
            return self._wechat_failed(error, subscriptions, template)
        return None

    def _wechat_failed(self, error, subscriptions, template):
        """Set the counter right after a failure; return what to note."""
        if error.code == "43101":
            subscriptions._none_left(self.member_id, template)
            return FinalFailure(self.env._("The member accepts no more messages."))
        if error.sent:
            return FinalFailure(self.env._("Unknown whether it was sent."))
        subscriptions._add(self.member_id, template)
        if error.code == "47003":
            return FinalFailure(self.env._("WeChat refuses the values (47003)."))
        return error.code


def _fit(name, text):
    """Return a value for WeChat: one line, not empty, not too long."""
    text = " ".join(text.split()) or "-"
    longest = LENGTHS.get(name.rstrip("0123456789"), 64)
    return text if len(text) <= longest else text[: longest - 1] + "…"
