"""What the classes of the Chinese SMS services share."""

import logging

from odoo.addons.sms.tools.sms_api import SmsApiBase

from .platform import PlatformError

_logger = logging.getLogger(__name__)


class SmsServiceApi(SmsApiBase):
    """Sends texts that the service approved, by template and values.

    The numbers and values of a message are never logged.
    """

    takes_template = True

    def _send_sms_batch(self, messages, delivery_reports_url=False):
        """Override of `sms`: messages also have service_template, params and
        param_names (the order in which the service's template has them).

        :return: ``{"uuid", "state"}`` each; ``unknown`` is one that may have gone out
        """
        account_sudo = self.company._teahouse_sms_account()
        return [
            {
                "uuid": number["uuid"],
                "state": self._send_one(account_sudo, message, number["number"]),
            }
            for message in messages
            for number in message["numbers"]
        ]

    def _send_one(self, account, message, number):
        if not message.get("service_template"):
            return "no_template"
        try:
            code = self._request(account, message, number)
        except PlatformError as error:
            return "unknown" if error.sent else "server_error"
        if code in self.OK:
            return "success"
        _logger.warning("SMS service refused a message: %s", code)
        return self.STATES.get(code, "server_error")

    def _request(self, account, message, number):
        """Ask the service to send; return the code of its answer."""
        raise NotImplementedError
