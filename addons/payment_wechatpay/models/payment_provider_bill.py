import hashlib

from odoo import models

from odoo.addons.payment_cn_common.tools.gateway import GatewayRejected, GatewayUnknown

from ..tools.wechatpay_bill import UnreadableBill, plain, read_bill, read_flow

NO_BILL = "NO_STATEMENT_EXIST"


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _wechatpay_fetch_statement(self, day):
        """Return the trade bill of a day as WeChat Pay delivers it.

        :param date day: in Beijing; its bill is there from ten o'clock of the next
        :return: its content, None where nothing moved
        :rtype: bytes|None
        :raise GatewayError: it could not be had
        """
        path = f"/v3/bill/tradebill?bill_date={day}&bill_type=ALL&tar_type=GZIP"
        return self._wechatpay_fetch_bill(path)

    def _wechatpay_fetch_flow(self, day):
        """Return the fund flow bill of a day, what moved on the merchant's account.

        :param date day: in Beijing
        :return: its content, None where nothing moved
        :rtype: bytes|None
        :raise GatewayError: it could not be had
        """
        path = f"/v3/bill/fundflowbill?bill_date={day}&account_type=BASIC&tar_type=GZIP"
        return self._wechatpay_fetch_bill(path)

    def _wechatpay_fetch_bill(self, path):
        self.ensure_one()
        client = self._wechatpay_client()
        try:
            answer = client.call("GET", path)
        except GatewayRejected as error:
            if error.code == NO_BILL:
                return None
            raise
        content = client.download(answer.get("download_url") or "")
        # The bill itself is not signed, but the answer that names its hash is. The
        # hash is of the text, or of the file: WeChat Pay's documents differ.
        wanted = (answer.get("hash_value") or "").lower()
        if answer.get("hash_type") != "SHA1" or wanted not in _hashes(content):
            raise GatewayUnknown("The bill is not the one that WeChat Pay announced.")
        return content

    def _wechatpay_read_statement(self, content):
        """Return what moved, see `read_bill`."""
        return read_bill(content)

    def _wechatpay_read_flow(self, content):
        """Return the movements on the account, see `read_flow`."""
        return read_flow(content)


def _hashes(content):
    texts = [content]
    if content[:2] == b"\x1f\x8b":
        try:
            texts.append(plain(content))
        except UnreadableBill as error:
            raise GatewayUnknown(str(error)) from error
    return [hashlib.sha1(text, usedforsecurity=False).hexdigest() for text in texts]
