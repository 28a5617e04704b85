"""The job that sends what is due."""

import json
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .teahouse_notification import OTP_TEMPLATES, TEXT_KEY

_logger = logging.getLogger(__name__)

BATCH = 20
# Minutes until the next try.
BACK_OFF = (1, 5, 15, 60)
# A sender that has not answered for so long died; whether it sent is unknown.
CLAIM_TIMEOUT = timedelta(minutes=10)
KEEP_DAYS = 180


# Answers of SMS services that another try does not change.
FINAL_SMS = {"unknown", "no_template", "wrong_number_format", "sms_number_missing"}


class FinalFailure(str):
    """Why a message failed for good: it is not tried again."""

    __slots__ = ()


class TeahouseNotification(models.Model):
    _inherit = "teahouse.notification"

    failure_shown = fields.Char(string="What failed", compute="_compute_failure_shown")

    @api.depends("failure")
    def _compute_failure_shown(self):
        """Say in words what the codes of SMS services and programs mean."""
        words = {
            "insufficient_credit": self.env._("The SMS account has no credit left."),
            "wrong_number_format": self.env._("The service refuses the number."),
            "server_error": self.env._("The service cannot be reached."),
            "unregistered": self.env._("The service refuses the account or signature."),
            "rate_limited": self.env._("The service takes no more for now."),
            "no_template": self.env._("The template has no approved text."),
            "unknown": self.env._("Unknown whether it was sent."),
        }
        for row in self:
            row.failure_shown = words.get(row.failure, row.failure)

    @api.model
    def _send_due(self):
        """Send what is due, in batches; called by the job.

        A batch is claimed and committed before anything is sent: a sender that
        dies leaves rows that fail as unknown, and are never sent a second time.
        """
        self._expire_and_give_up()
        while rows := self._claim():
            rows_sudo = rows.sudo()
            self.env["ir.cron"]._commit_progress(remaining=len(rows_sudo))
            for row_sudo in rows_sudo:
                row_sudo._deliver()
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    @api.model
    def _claim(self):
        """Take the next rows that nobody else is sending."""
        now = fields.Datetime.now()
        self.env.flush_all()
        claimed = self.env.execute_query(
            SQL(
                """UPDATE teahouse_notification SET claimed_at = %(now)s
                    WHERE id IN (
                        SELECT id FROM teahouse_notification
                         WHERE state = 'queued' AND due_at <= %(now)s
                           AND claimed_at IS NULL
                         ORDER BY due_at, id LIMIT %(limit)s
                           FOR UPDATE SKIP LOCKED)
                RETURNING id""",
                now=now,
                limit=BATCH,
            )
        )
        rows = self.browse(sorted(row_id for (row_id,) in claimed))
        rows.invalidate_recordset(["claimed_at"])
        return rows

    @api.model
    def _expire_and_give_up(self):
        now = fields.Datetime.now()
        queued = [("state", "=", "queued")]
        expired_sudo = self.sudo().search([*queued, ("expires_at", "<=", now)])
        expired_sudo.write({"state": "expired", "params": False})
        stuck_sudo = self.sudo().search(
            [*queued, ("claimed_at", "<", now - CLAIM_TIMEOUT)]
        )
        stuck_sudo.write(
            {
                "state": "failed",
                "failure": self.env._("Unknown whether it was sent."),
                "params": False,
            }
        )

    def _deliver(self):
        """Send one claimed row and note how it went."""
        self.ensure_one()
        send = getattr(self, f"_deliver_{self.channel}")
        try:
            with self.env.cr.savepoint():
                failure = send()
        except Exception as error:
            # Whatever a service did must not keep the other messages from going.
            _logger.warning(
                "Notification %s by %s failed: %s",
                self.id,
                self.channel,
                type(error).__name__,
                exc_info=_logger.isEnabledFor(logging.DEBUG),
            )
            failure = type(error).__name__
        now = fields.Datetime.now()
        if not failure:
            self.write(
                {"state": "sent", "sent_at": now, "failure": False, "params": False}
            )
            return
        tries = self.tries + 1
        vals = {"tries": tries, "failure": failure, "claimed_at": False}
        if tries > len(BACK_OFF) or isinstance(failure, FinalFailure):
            vals |= {"state": "failed", "params": False}
        else:
            vals["due_at"] = now + timedelta(minutes=BACK_OFF[tries - 1])
            cron_sudo = self.env.ref("teahouse_base.ir_cron_notification").sudo()
            cron_sudo._trigger(vals["due_at"])
        self.write(vals)

    def _deliver_inbox(self):
        """A member's message simply appears; a user is shown it at once."""
        if self.user_id:
            self.user_id._bus_send(
                "simple_notification",
                {"title": self.title, "message": self.body or "", "sticky": True},
            )

    def _deliver_sms(self):
        """Send by the company's SMS service, never through ``sms.sms``."""
        phone = self.phone or self.member_id.phone
        if not phone:
            return self.env._("No phone number.")
        company = self.company_id or self.env.company
        api_class = company._get_sms_api_class()
        sms_api = api_class(self.env(context=dict(self.env.context)))
        sms_api._set_company(company)
        params = json.loads(self.params or "{}")
        text = params.pop(TEXT_KEY, self.body)
        message = {
            "content": text,
            "numbers": [{"uuid": self.encryption_uid, "number": phone}],
        }
        if getattr(api_class, "takes_template", False):
            message |= {
                "template": self.template_id.code,
                "service_template": self.template_id.sms_code,
                "param_names": self.template_id._sms_params(),
                "params": params,
            }
        results = sms_api._send_sms_batch([message]) or [{}]
        state = results[0].get("state") or "error"
        if state in ("success", "sent", "processing"):
            return None
        return FinalFailure(state) if state in FINAL_SMS else state

    def _deliver_mail(self):
        """Queue a mail; Odoo's mail queue has retries of its own."""
        recipient = self.member_id.partner_id or self.user_id.partner_id
        if not recipient.email:
            return self.env._("No mail address.")
        company = self.company_id or self.env.company
        self.env["mail.mail"].create(
            {
                "subject": self.title,
                "body_html": self.env["ir.qweb.field.text"].value_to_html(
                    self.body or "", {}
                ),
                "email_to": recipient.email_formatted,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "auto_delete": True,
            }
        )

    def _deliver_wechat(self):
        """An addon that talks to WeChat replaces this."""
        return self.env._("WeChat is not set up.")

    def action_retry(self):
        """Queue failed messages again (back office)."""
        self.check_access("read")
        now = fields.Datetime.now()
        # A code is not worth sending late, and gone.
        failed_sudo = self.sudo().filtered(
            lambda row: (
                row.state == "failed"
                and row.template_code not in OTP_TEMPLATES.values()
            )
        )
        failed_sudo.write(
            {
                "state": "queued",
                "due_at": now,
                "expires_at": now + timedelta(days=1),
                "claimed_at": False,
                "tries": 0,
            }
        )
        self.env.ref("teahouse_base.ir_cron_notification").sudo()._trigger()

    @api.autovacuum
    def _gc_old(self):
        """Remove what is older than the setting says (days, 0 keeps all)."""
        params = self.env["ir.config_parameter"].sudo()
        days = int(params.get_param("teahouse_base.notification_keep_days", KEEP_DAYS))
        if not days:
            return
        limit = fields.Datetime.now() - timedelta(days=days)
        self.sudo().search(
            [("state", "!=", "queued"), ("create_date", "<", limit)], limit=5000
        ).unlink()
