from odoo import http
from odoo.http import request

from ..const import MAX_NOTIFICATION_BYTES


class WechatpayController(http.Controller):
    _notify_url = "/payment/wechatpay/notify"

    @http.route(
        f"{_notify_url}/<int:provider_id>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def wechatpay_notify(self, provider_id):
        """Take a notification of WeChat Pay.

        :return: 204 if it was taken, 404 for an unknown order (WeChat Pay tries
            again), 400 or 401 for one that is not to be trusted
        """
        if (request.httprequest.content_length or 0) > MAX_NOTIFICATION_BYTES:
            return self._refusal(413, "too long")
        provider_sudo = request.env["payment.provider"].sudo()
        status, message = provider_sudo._wechatpay_receive(
            provider_id, request.httprequest.headers, request.httprequest.get_data()
        )
        if status == 204:
            return request.make_response("", status=status)
        return self._refusal(status, message)

    @staticmethod
    def _refusal(status, message):
        values = {"code": "FAIL", "message": message}
        return request.make_json_response(values, status=status)
