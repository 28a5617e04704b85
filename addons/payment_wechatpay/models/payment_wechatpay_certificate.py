import logging
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.payment_cn_common.tools.gateway import GatewayError

from .. import const
from ..tools.wechatpay_crypto import load_public_key

_logger = logging.getLogger(__name__)
# How long before its end a certificate has to have a successor.
WARN_DAYS = 10


class PaymentWechatpayCertificate(models.Model):
    """A certificate that WeChat Pay signs with; it changes them every few years.

    Old and new ones are valid beside each other for a while, so all of them count.
    """

    _name = "payment.wechatpay.certificate"
    _description = "WeChat Pay platform certificate"
    _order = "valid_from desc, id desc"
    _rec_name = "serial"

    provider_id = fields.Many2one(
        "payment.provider", required=True, index=True, ondelete="cascade"
    )
    serial = fields.Char(required=True)
    pem = fields.Text(string="Certificate", required=True)
    valid_from = fields.Datetime(required=True)
    valid_until = fields.Datetime(required=True)

    _serial_unique = models.Constraint(
        "UNIQUE(provider_id, serial)", "This certificate is known already."
    )

    @api.model
    def _valid_of(self, provider):
        """Return the certificates of a provider that are valid now, the newest first.

        :param provider: payment.provider (sudo)
        """
        now = fields.Datetime.now()
        return self.search(
            [
                ("provider_id", "=", provider.id),
                ("valid_from", "<=", now),
                ("valid_until", ">", now),
            ]
        )

    @api.autovacuum
    def _gc_expired(self):
        """Forget what has been worthless for a month."""
        limit = fields.Datetime.now() - timedelta(days=30)
        self.search([("valid_until", "<", limit)]).unlink()

    @api.model
    def _cron_fetch(self):
        """Fetch the certificates of all merchants whose gateway signs with them."""
        providers = self.env["payment.provider"].search(
            [("code", "=", const.CODE), ("state", "!=", "disabled")]
        )
        for provider in providers:
            if provider._wechatpay_uses_certificates():
                try:
                    provider._wechatpay_fetch_certificates()
                except (GatewayError, ValueError) as error:
                    # Those that are known go on counting; the next run asks again.
                    _logger.warning("WeChat Pay: no certificates: %s", error)
                self._warn(provider)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _warn(self, provider):
        """Tell the administrator's log before nothing could be verified any more."""
        soon = fields.Datetime.now() + timedelta(days=WARN_DAYS)
        known = self.search([("provider_id", "=", provider.id)])
        if known and max(known.mapped("valid_until")) < soon:
            _logger.error("WeChat Pay: the last certificate of %s ends.", provider.id)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    wechatpay_certificate_ids = fields.One2many(
        "payment.wechatpay.certificate",
        "provider_id",
        string="Platform Certificates",
        readonly=True,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_by_certificate = fields.Boolean(
        compute="_compute_wechatpay_by_certificate", groups="base.group_system"
    )

    @api.depends("code", "wechatpay_platform_serial")
    def _compute_wechatpay_by_certificate(self):
        for provider in self:
            provider.wechatpay_by_certificate = provider._wechatpay_uses_certificates()

    def _wechatpay_uses_certificates(self):
        """Tell whether WeChat Pay signs with certificates, which change, or one key."""
        self.ensure_one()
        serial = self.sudo().wechatpay_platform_serial or ""
        wanted = self.code == const.CODE and serial
        return bool(wanted) and not serial.startswith(const.PUBLIC_KEY_PREFIX)

    def _wechatpay_platform_keys(self):
        """Return the keys that WeChat Pay may sign with now.

        :return: RSA public keys by their ids, the one to ask for first
        :rtype: dict
        :raise ValueError: the one that was entered is not usable
        """
        self.ensure_one()
        provider_sudo = self.sudo()
        keys = {}
        if self._wechatpay_uses_certificates():
            certificates_sudo = provider_sudo.env["payment.wechatpay.certificate"]
            for certificate_sudo in certificates_sudo._valid_of(provider_sudo):
                keys[certificate_sudo.serial] = load_public_key(certificate_sudo.pem)
        entered = provider_sudo.wechatpay_platform_serial
        known = provider_sudo.wechatpay_certificate_ids.mapped("serial")
        # One that has run out counts no more, unless nothing else is there.
        if not keys or entered not in known:
            keys[entered] = load_public_key(provider_sudo.wechatpay_platform_key)
        return keys

    def _wechatpay_fetch_certificates(self):
        """Fetch the certificates that WeChat Pay signs with, now and soon.

        :return: those that are new here
        :raise GatewayError: they could not be had, or are not WeChat Pay's
        """
        self.ensure_one()
        provider_sudo = self.sudo()
        found = self._wechatpay_client().certificates(
            provider_sudo.wechatpay_api_v3_key
        )
        known = provider_sudo.wechatpay_certificate_ids.mapped("serial")
        return provider_sudo.env["payment.wechatpay.certificate"].create(
            [
                {
                    "provider_id": self.id,
                    "serial": one["serial"],
                    "pem": one["pem"],
                    "valid_from": _naive(one["valid_from"]),
                    "valid_until": _naive(one["valid_until"]),
                }
                for one in found
                if one["serial"] not in known
            ]
        )

    def action_wechatpay_fetch_certificates(self):
        """Fetch the certificates now; administrators may."""
        self.check_access("write")
        for provider in self:
            try:
                provider._wechatpay_fetch_certificates()
            except GatewayError as error:
                raise UserError(str(error)) from error


def _naive(at):
    return at.astimezone(UTC).replace(tzinfo=None)
