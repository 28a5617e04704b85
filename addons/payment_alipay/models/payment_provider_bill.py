from odoo import models

from odoo.addons.payment_cn_common.tools.gateway import GatewayRejected

from ..tools.alipay_bill import read_bill

METHOD = "alipay.data.dataservice.bill.downloadurl.query"
NO_BILL = ("isp.bill_not_exist", "ACQ.BILL_NOT_EXIST")


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _alipay_fetch_statement(self, day):
        """Return the bill of a day's trades as Alipay delivers it.

        :param date day: in Beijing; its bill is there in the morning of the next
        :return: its content, None where nothing moved
        :rtype: bytes|None
        :raise GatewayError: it could not be had
        """
        self.ensure_one()
        client = self._alipay_client()
        wanted = {"bill_type": "trade", "bill_date": day.isoformat()}
        try:
            answer = client.call(METHOD, wanted)
        except GatewayRejected as error:
            if error.code in NO_BILL:
                return None
            raise
        return client.download(answer.get("bill_download_url") or "")

    def _alipay_read_statement(self, content):
        """Return what moved, see `read_bill`."""
        return read_bill(content)
