import json
import logging
import secrets
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.field_encrypted.keyring import keyring

from ..engine.quiet import end_of_quiet
from ..exceptions import TeahouseError
from ..tools.masking import mask_phone
from ..tools.timeutil import to_aware, to_utc_naive

_logger = logging.getLogger(__name__)

OTP_TEMPLATES = {
    "login": "otp_login",
    "password": "otp_password",
    "bind": "otp_bind",
}
# Where the parameters of a message keep its text, if the body only shows a part.
TEXT_KEY = "_text"
CHANNELS = ("inbox", "sms", "mail", "wechat")


class TeahouseNotification(models.Model):
    """Inbox of members and outbox of all channels.

    A row is written in the transaction of its cause and sent by a job afterwards
    (see teahouse_notification_sender.py). The texts are encrypted: they name
    people, places and codes.
    """

    _name = "teahouse.notification"
    _description = "Notification"
    _inherit = ["field.encrypted.mixin"]
    _order = "id desc"
    _rec_name = "title"

    member_id = fields.Many2one("teahouse.member", ondelete="cascade")
    user_id = fields.Many2one("res.users", ondelete="cascade", index=True)
    template_id = fields.Many2one("teahouse.notification.template", ondelete="restrict")
    template_code = fields.Char(related="template_id.code")
    company_id = fields.Many2one("res.company", ondelete="cascade")
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
    body = Encrypted()
    # JSON of the values, until sent: a service that sends by approved templates asks
    # for them, and they may hold a code.
    params = Encrypted(groups=fields.NO_ACCESS)
    phone = Encrypted(string="Phone (whole)", groups=fields.NO_ACCESS)
    address_masked = fields.Char(
        string="Sent to", compute="_compute_address_masked", compute_sudo=True
    )
    event_key = fields.Char(string="Event", required=True, readonly=True)
    recipient_key = fields.Char(required=True, readonly=True)
    due_at = fields.Datetime(string="Due", required=True, default=fields.Datetime.now)
    expires_at = fields.Datetime(string="Expires")
    claimed_at = fields.Datetime(help="A sender took it then; empty: nobody did.")
    sent_at = fields.Datetime(string="Sent on")
    read_at = fields.Datetime(string="Read on")
    tries = fields.Integer(default=0)
    failure = fields.Char()

    # Never twice for one event.
    _event_unique = models.Constraint(
        "UNIQUE(event_key, channel, recipient_key)",
        "This event was notified on this channel before.",
    )
    _due = models.Index("(due_at) WHERE state = 'queued'")
    _inbox = models.Index("(member_id, id) WHERE channel = 'inbox'")

    @api.depends("phone", "member_id.phone", "channel")
    def _compute_address_masked(self):
        for row in self:
            phone = row.phone or row.member_id.phone
            row.address_masked = mask_phone(phone) if row.channel == "sms" else False

    # Queueing

    @api.model
    def _notify(
        self, recipients, template_code, values, event_key, due_at=None, company=None
    ):
        """Queue a message to members or users, never twice for one event.

        Channels are those of the template that the recipient wants and can be
        reached on. Quiet hours move SMS and WeChat to their end.

        :param recipients: ``teahouse.member`` or ``res.users`` records
        :param str template_code: code of the template
        :param dict values: texts and numbers for the placeholders of the template
        :param str event_key: names the event; a second call with it does nothing
        :param datetime due_at: naive UTC instant to send at, now without one
        :param company: whose SMS service sends, that of the environment by default
        :return: the notifications (sudo) that were queued
        :raise ValueError: there is no such template
        """
        template = self.env["teahouse.notification.template"]._by_code(template_code)
        rows = []
        for recipient in recipients.sudo() if template.active else ():
            localised = template.with_context(lang=recipient.lang)
            for channel in CHANNELS:
                if self._reaches(recipient, localised, channel):
                    rows.append(
                        self._prepare(
                            recipient, localised, channel, values, event_key, due_at
                        )
                    )
        return self._queue(rows, company)

    @api.model
    def _reaches(self, recipient, template, channel):
        """Tell whether a recipient gets a template's message on a channel."""
        if not template[f"channel_{channel}"]:
            return False
        if recipient._name == "res.users":
            return channel == "inbox" or (channel == "mail" and bool(recipient.email))
        if channel == "inbox":
            return True
        if channel == "sms":
            wanted = recipient.channel_sms or template.urgent
            return wanted and bool(recipient.phone_index)
        if channel == "mail":
            return recipient.channel_mail and bool(recipient.partner_id.email)
        return recipient.channel_wechat and self._reaches_wechat(recipient, template)

    @api.model
    def _reaches_wechat(self, member, template):
        """Tell whether WeChat would take a message to a member now.

        No: an addon that talks to WeChat answers otherwise.
        """
        return False

    @api.model
    def _prepare(self, recipient, template, channel, values, event_key, due_at):
        is_member = recipient._name == "teahouse.member"
        now = fields.Datetime.now()
        due = due_at or now
        if is_member and channel in ("sms", "wechat") and not template.urgent:
            zone = recipient._zone()
            quiet = end_of_quiet(
                to_aware(due, zone), recipient.quiet_from, recipient.quiet_to
            )
            due = to_utc_naive(quiet)
        title, body = template._render(values)
        # The inbox needs no sender.
        ready = channel == "inbox" and is_member and due <= now
        return {
            "member_id": recipient.id if is_member else False,
            "user_id": False if is_member else recipient.id,
            "template_id": template.id,
            "channel": channel,
            "title": title,
            "body": body,
            "params": json.dumps(values, default=str, ensure_ascii=False),
            "event_key": event_key,
            "recipient_key": f"{'m' if is_member else 'u'}{recipient.id}",
            "due_at": due,
            "expires_at": (due_at or now) + timedelta(minutes=template.lifetime_minutes)
            if channel != "inbox"
            else False,
            "state": "sent" if ready else "queued",
            "sent_at": due if ready else False,
        }

    @api.model
    def _queue_sms(
        self, phone, template_code, values, event_key, member=None, expires_at=None
    ):
        """Queue an SMS to a number, whatever the member's choices are.

        :param str phone: E.164
        """
        template = self.env["teahouse.notification.template"]._by_code(template_code)
        lang = member.lang if member else self.env.context.get("lang")
        template = template.with_context(lang=lang)
        title, text = template._render(values)
        # Who may read the outbox must not read codes there.
        shown = {**values, "code": "******"} if "code" in values else values
        now = fields.Datetime.now()
        lifetime = timedelta(minutes=template.lifetime_minutes)
        row = {
            "member_id": member.id if member else False,
            "template_id": template.id,
            "channel": "sms",
            "title": title,
            "body": template._render(shown)[1],
            "params": json.dumps(
                {**values, TEXT_KEY: text}, default=str, ensure_ascii=False
            ),
            "phone": phone,
            "event_key": event_key,
            "recipient_key": keyring().mac("notified phone", phone.encode()).hex(),
            "due_at": now,
            "expires_at": expires_at or now + lifetime,
        }
        return self._queue([row] if template.active else [])

    @api.model
    def _queue_code(self, phone, purpose, code, expires_at):
        """Queue the SMS that brings a one-time code."""
        minutes = max(
            1, round((expires_at - fields.Datetime.now()).total_seconds() / 60)
        )
        self._queue_sms(
            phone,
            OTP_TEMPLATES[purpose],
            {"code": code, "minutes": minutes},
            event_key=f"otp-{secrets.token_hex(8)}",
            expires_at=expires_at,
        )

    @api.model
    def _queue(self, rows, company=None):
        """Insert rows, leaving out what was notified before; wake the sender."""
        company = company or self.env.company
        notifications_sudo = self.sudo()
        known = set()
        for key in {row["event_key"] for row in rows}:
            known |= {
                (key, row.channel, row.recipient_key)
                for row in notifications_sudo.search([("event_key", "=", key)])
            }
        fresh = [
            {**row, "company_id": company.id}
            for row in rows
            if (row["event_key"], row["channel"], row["recipient_key"]) not in known
        ]
        created = notifications_sudo.browse()
        try:
            with self.env.cr.savepoint():
                created = notifications_sudo.create(fresh)
                self.env.flush_all()
        except UniqueViolation:
            # Another transaction notified the same event in the meantime.
            _logger.info(
                "Notification of %s was queued elsewhere.", rows[0]["event_key"]
            )
            return notifications_sudo.browse()
        waiting = created.filtered(lambda row: row.state == "queued")
        if waiting:
            cron_sudo = self.env.ref("teahouse_base.ir_cron_notification").sudo()
            cron_sudo._trigger(sorted(set(waiting.mapped("due_at"))))
        return created

    # The member's inbox

    def _api_values(self):
        """Return a message for its recipient."""
        self.ensure_one()
        row_sudo = self.sudo()
        member = row_sudo.member_id
        return {
            "id": row_sudo.id,
            "channel": row_sudo.channel,
            "template": row_sudo.template_id.code or None,
            "title": row_sudo.title or "",
            "body": row_sudo.body or "",
            "sent_at": member._iso(row_sudo.sent_at or row_sudo.due_at),
            "read": row_sudo.state == "read",
        }

    @api.model
    def _inbox_page(self, member, limit, before_id=None, unread=False):
        """Return the member's messages, newest first.

        :param int before_id: continue below this message
        :param bool unread: only those that were not read
        :return: records (sudo), at most ``limit``
        """
        states = ["sent"] if unread else ["sent", "read"]
        domain = [
            ("member_id", "=", member.id),
            ("channel", "=", "inbox"),
            ("state", "in", states),
        ]
        if before_id:
            domain.append(("id", "<", before_id))
        return self.sudo().search(domain, limit=limit)

    @api.model
    def _unread_count(self, member):
        """Return how many messages of the member's inbox were not read."""
        return self.sudo().search_count(
            [
                ("member_id", "=", member.id),
                ("channel", "=", "inbox"),
                ("state", "=", "sent"),
            ]
        )

    @api.model
    def _api_mark_read(self, member, notification_id):
        """Mark a message of the member's inbox as read.

        :raise TeahouseError: not_found, also for a message of somebody else
        """
        row_sudo = self.sudo().search(
            [
                ("id", "=", notification_id),
                ("member_id", "=", member.id),
                ("channel", "=", "inbox"),
                ("state", "in", ("sent", "read")),
            ]
        )
        if not row_sudo:
            raise TeahouseError("not_found", self.env._("There is no such message."))
        if row_sudo.state == "sent":
            row_sudo.write({"state": "read", "read_at": fields.Datetime.now()})
        return row_sudo._api_values()
