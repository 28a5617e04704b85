import logging

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import config, urls

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.payment_cn_common.tools.gateway import BadSignature

from .. import const
from ..tools.alipay_client import AlipayClient
from ..tools.alipay_crypto import load_private_key, load_public_key

_logger = logging.getLogger(__name__)


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[(const.CODE, "Alipay")], ondelete={const.CODE: "set default"}
    )
    alipay_app_id = fields.Char(
        string="Alipay App ID",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    alipay_seller_id = fields.Char(
        string="Alipay Seller ID",
        help="The merchant's user id (PID), 16 digits that begin with 2088.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    alipay_private_key = Encrypted(
        string="Application Private Key",
        help="The application's RSA2 key, with or without PEM header.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    alipay_public_key = Encrypted(
        string="Alipay Public Key",
        help="Alipay's own public key, not the application's.",
        required_if_provider=const.CODE,
        copy=False,
        groups="base.group_system",
    )
    alipay_notify_url = fields.Char(
        string="Alipay Notification URL",
        compute="_compute_alipay_notify_url",
        groups="base.group_system",
    )

    # === COMPUTE METHODS === #

    @api.depends("code")
    def _compute_alipay_notify_url(self):
        for provider in self:
            path = f"/payment/alipay/notify/{provider._origin.id}"
            url = urls.urljoin(provider.get_base_url(), path)
            provider.alipay_notify_url = provider.code == const.CODE and url

    # === CONSTRAINT METHODS === #

    @api.constrains("alipay_private_key", "alipay_public_key")
    def _check_alipay_keys(self):
        for provider_sudo in self.sudo():
            for name, load in (
                ("alipay_private_key", load_private_key),
                ("alipay_public_key", load_public_key),
            ):
                try:
                    if provider_sudo[name]:
                        load(provider_sudo[name])
                except ValueError as error:
                    label = self._fields[name]._description_string(self.env)
                    raise ValidationError(
                        self.env._("%s: this is not a usable key.", label)
                    ) from error

    # === CRUD METHODS === #

    def _get_default_payment_method_codes(self):
        """Override of `payment` to return the default payment method codes."""
        self.ensure_one()
        if self.code != const.CODE:
            return super()._get_default_payment_method_codes()
        return const.DEFAULT_PAYMENT_METHOD_CODES

    # === REQUEST HELPERS === #

    def _alipay_client(self, signing=True):
        """Return a client that speaks for this application.

        :param bool signing: whether it will send something; loading the private key
            takes a while, which a forged notification shall not cost
        :rtype: AlipayClient
        """
        self.ensure_one()
        provider_sudo = self.sudo()
        return AlipayClient(
            url=config.get(const.URL_OPTION) or const.API_URL,
            app_id=provider_sudo.alipay_app_id,
            private_key=signing and load_private_key(provider_sudo.alipay_private_key),
            alipay_key=load_public_key(provider_sudo.alipay_public_key),
            timeout=const.TIMEOUT_SECONDS,
        )

    def _alipay_app_id(self, scene=None):
        """Return the application that knows the buyer, the same in all scenes."""
        return self.sudo().alipay_app_id

    # === NOTIFICATIONS === #

    @api.model
    def _alipay_receive(self, provider_id, pairs):
        """Take a notification. One that is not authentic changes and asks nothing.

        :param int provider_id: from the address it came to
        :param list pairs: names and values of the form
        :return: HTTP status
        :rtype: int
        """
        provider_sudo = self.sudo().browse(provider_id).exists()
        if provider_sudo.code != const.CODE:
            return 404
        try:
            client = provider_sudo._alipay_client(signing=False)
        except ValueError:
            return 404  # Not set up.
        try:
            data = client.check(pairs)
        except BadSignature as error:
            _logger.warning("Alipay: a notification was refused: %s", error)
            return 401
        wanted = (provider_sudo.alipay_app_id, provider_sudo.alipay_seller_id)
        if (data.get("app_id"), data.get("seller_id")) != wanted:
            _logger.error("Alipay: a signed notification is for another merchant.")
            return 400
        if not data.get("notify_id"):
            return 400
        return provider_sudo._alipay_take(data)

    def _alipay_take(self, data):
        """Act upon an authentic notification, once.

        :return: HTTP status
        """
        self.ensure_one()
        txs_sudo = self.env["payment.transaction"].sudo()
        number = {"out_trade_no": data.get("out_trade_no")}
        tx_sudo = txs_sudo._search_by_reference(const.CODE, number)
        if tx_sudo.provider_id != self or tx_sudo.operation == "refund":
            return 404
        notifications_sudo = self.env["payment.alipay.notification"].sudo()
        status = data.get("trade_status")
        if not notifications_sudo._claim(tx_sudo, data["notify_id"], status):
            return 200
        if data.get("gmt_refund") or data.get("refund_fee"):
            # It tells of a refund, but not enough to know which one has arrived.
            self.env.ref("payment_alipay.cron_sync").sudo()._trigger()
        else:
            tx_sudo._process(const.CODE, data)
        return 200
