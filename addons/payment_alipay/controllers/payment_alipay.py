from odoo import http
from odoo.http import request

from ..const import MAX_NOTIFICATION_BYTES


class AlipayController(http.Controller):
    _notify_url = "/payment/alipay/notify"

    @http.route(
        f"{_notify_url}/<int:provider_id>",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def alipay_notify(self, provider_id, **_params):
        """Take a notification of Alipay.

        :return: ``success`` if it was taken, 404 for an unknown order (Alipay tries
            again), 400 or 401 for one that is not to be trusted
        """
        if (request.httprequest.content_length or 0) > MAX_NOTIFICATION_BYTES:
            return request.make_response("fail", status=413)
        provider_sudo = request.env["payment.provider"].sudo()
        # Odoo has read the form already; what counts are its decoded values.
        pairs = list(request.httprequest.form.items(multi=True))
        status = provider_sudo._alipay_receive(provider_id, pairs)
        answer = "success" if status == 200 else "fail"
        headers = [("Content-Type", "text/plain; charset=utf-8")]
        return request.make_response(answer, headers=headers, status=status)
