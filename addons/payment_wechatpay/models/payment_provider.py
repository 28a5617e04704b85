import json
import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config, urls

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.payment_cn_common.tools.gateway import BadSignature

from .. import const
from ..tools.wechatpay_client import WechatpayClient
from ..tools.wechatpay_crypto import (
    API_V3_KEY_BYTES,
    decrypt_resource,
    load_private_key,
    load_public_key,
)

_logger = logging.getLogger(__name__)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[(const.CODE, "WeChat Pay")],
        ondelete={const.CODE: "set default"},
    )
    wechatpay_mchid = fields.Char(
        string="Merchant ID",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_app_id = fields.Char(
        string="Mini-Program App ID",
        help="App ID of the mini-program, also used for QR codes and H5.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_mp_app_id = fields.Char(
        string="Official Account App ID",
        help="App ID for payments on pages opened inside WeChat; empty if there are "
        "none.",
        copy=False,
        groups="base.group_system",
    )
    wechatpay_serial = fields.Char(
        string="Merchant Certificate Serial",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_private_key = Encrypted(
        string="Merchant Private Key",
        help="Content of apiclient_key.pem.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_api_v3_key = Encrypted(
        string="API v3 Key",
        help="32 characters; decrypts notifications.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_platform_serial = fields.Char(
        string="WeChat Pay Key ID",
        help="ID of WeChat Pay's public key (PUB_KEY_ID_…) or the serial number of "
        "its platform certificate.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_platform_key = Encrypted(
        string="WeChat Pay Public Key",
        help="WeChat Pay's public key or platform certificate (PEM).",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    wechatpay_notify_url = fields.Char(
        string="WeChat Pay Notification URL",
        compute="_compute_wechatpay_notify_url",
        groups="base.group_system",
    )

    # === COMPUTE METHODS === #

    @api.depends("code")
    def _compute_wechatpay_notify_url(self):
        for provider in self:
            # WeChat Pay allows no query string here.
            path = f"/payment/wechatpay/notify/{provider._origin.id}"
            url = urls.urljoin(provider.get_base_url(), path)
            provider.wechatpay_notify_url = provider.code == const.CODE and url

    # === CONSTRAINT METHODS === #

    @api.constrains(
        "wechatpay_private_key", "wechatpay_platform_key", "wechatpay_api_v3_key"
    )
    def _check_wechatpay_keys(self):
        for provider_sudo in self.sudo():
            for name, load in (
                ("wechatpay_private_key", load_private_key),
                ("wechatpay_platform_key", load_public_key),
            ):
                try:
                    if provider_sudo[name]:
                        load(provider_sudo[name])
                except ValueError as error:
                    label = self._fields[name]._description_string(self.env)
                    raise ValidationError(
                        self.env._("%s: this is not a usable key.", label)
                    ) from error
            key = provider_sudo.wechatpay_api_v3_key
            if key and len(key.encode()) != API_V3_KEY_BYTES:
                raise ValidationError(
                    self.env._("The API v3 key has 32 characters, no more, no less.")
                )

    # === CRUD METHODS === #

    def _get_default_payment_method_codes(self):
        """Override of `payment` to return the default payment method codes."""
        self.ensure_one()
        if self.code != const.CODE:
            return super()._get_default_payment_method_codes()
        return const.DEFAULT_PAYMENT_METHOD_CODES

    # === REQUEST HELPERS === #

    def _wechatpay_client(self, signing=True):
        """Return a client that speaks for this merchant.

        :param bool signing: whether it will send something; loading the private key
            takes a while, which a forged notification shall not cost
        :rtype: WechatpayClient
        """
        self.ensure_one()
        provider_sudo = self.sudo()
        return WechatpayClient(
            base_url=config.get(const.URL_OPTION) or const.API_URL,
            mchid=provider_sudo.wechatpay_mchid,
            serial=provider_sudo.wechatpay_serial,
            private_key=signing
            and load_private_key(provider_sudo.wechatpay_private_key),
            platform_keys=self._wechatpay_platform_keys(),
            timeout=const.TIMEOUT_SECONDS,
            max_skew=const.MAX_SKEW_SECONDS,
        )

    def _wechatpay_app_id(self, scene=None):
        """Return the app id for a scene, by default the mini-program's."""
        provider_sudo = self.sudo()
        if scene == "jsapi" and provider_sudo.wechatpay_mp_app_id:
            return provider_sudo.wechatpay_mp_app_id
        return provider_sudo.wechatpay_app_id

    # === NOTIFICATIONS === #

    @api.model
    def _wechatpay_receive(self, provider_id, headers, content):
        """Take a notification. One that is not authentic changes and asks nothing.

        :param int provider_id: from the address it came to
        :param headers: of the request
        :param bytes content: the body as it came
        :return: HTTP status and a short reason
        :rtype: tuple[int, str]
        """
        provider_sudo = self.sudo().browse(provider_id).exists()
        if provider_sudo.code != const.CODE:
            return 404, "unknown address"
        try:
            client = provider_sudo._wechatpay_client(signing=False)
        except ValueError:
            return 404, "not set up"
        try:
            client.check(headers, content)
        except BadSignature as error:
            _logger.warning("WeChat Pay: a notification was refused: %s", error)
            return 401, str(error)
        try:
            event = json.loads(content)
            event_id, event_type = event["id"], event["event_type"]
            data = json.loads(
                decrypt_resource(provider_sudo.wechatpay_api_v3_key, event["resource"])
            )
            provider_sudo._wechatpay_check_merchant(data)
        except (ValueError, KeyError, TypeError) as error:
            _logger.error("WeChat Pay: a signed notification is unusable: %s", error)
            return 400, "unusable"
        return provider_sudo._wechatpay_take(event_id, event_type, data)

    def _wechatpay_check_merchant(self, data):
        """Check that a notification means this merchant and one of its apps.

        :raise ValueError: it does not
        """
        if data["mchid"] != self.wechatpay_mchid:
            raise ValueError("another merchant")
        app_ids = {self.wechatpay_app_id, self.wechatpay_mp_app_id}
        # Those of refunds name no app.
        if "out_refund_no" not in data and data["appid"] not in app_ids - {False}:
            raise ValueError("another app")

    def _wechatpay_take(self, event_id, event_type, data):
        """Act upon an authentic notification, once.

        :return: HTTP status and a short reason
        """
        self.ensure_one()
        txs_sudo = self.env["payment.transaction"].sudo()
        tx_sudo = txs_sudo._search_by_reference(const.CODE, data)
        is_refund = "out_refund_no" in data
        if tx_sudo.provider_id != self or (tx_sudo.operation == "refund") != is_refund:
            # Whoever asked for it may not have committed yet: WeChat Pay tries again.
            return 404, "unknown order"
        notifications_sudo = self.env["payment.wechatpay.notification"].sudo()
        if notifications_sudo._claim(tx_sudo, event_id, event_type):
            tx_sudo._process(const.CODE, data)
        return 204, ""
