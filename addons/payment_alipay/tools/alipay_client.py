"""The wire of Alipay's open platform: signed requests, verified answers. No Odoo."""

import json
import logging
from datetime import datetime
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import requests

from odoo.addons.payment_cn_common.tools.gateway import (
    BadSignature,
    GatewayRejected,
    GatewayUnknown,
)

from .alipay_crypto import answer_text, sign, signed_text, verify

_logger = logging.getLogger(__name__)

# Where bills may be fetched.
DOWNLOAD_DOMAINS = (".alipay.com", ".alipayobjects.com")
BEIJING = ZoneInfo("Asia/Shanghai")
# The business was carried out, is refused; all other codes leave it open.
SUCCESS, FAILED = "10000", "40004"
# Faults of the request itself: nothing was carried out.
INVALID = ("40001", "40002", "40006", "20001")
# Failures inside that say nothing about the outcome.
UNKNOWN_SUBCODES = ("ACQ.SYSTEM_ERROR", "SYSTEM_ERROR", "aop.ACQ.SYSTEM_ERROR")


class AlipayClient:
    """Talks to Alipay for one application.

    :param str url: address of the gateway
    :param str app_id: the application
    :param private_key: the application's RSA private key
    :param alipay_key: Alipay's RSA public key
    :param float timeout: seconds
    """

    def __init__(self, *, url, app_id, private_key, alipay_key, timeout=10):
        self.url = url
        self.app_id = app_id
        self.private_key = private_key
        self.alipay_key = alipay_key
        self.timeout = timeout

    # === OUTGOING === #

    def params(self, method, content, **extra):
        """Return the signed parameters of a request.

        :param str method: such as ``alipay.trade.query``
        :param dict content: the business parameters
        :param extra: ``notify_url``, ``return_url``
        """
        params = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            # Alipay's clock runs in Beijing.
            "timestamp": datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            "biz_content": json.dumps(content, ensure_ascii=False),
            **{key: value for key, value in extra.items() if value},
        }
        return {**params, "sign": sign(self.private_key, signed_text(params))}

    def page_url(self, method, content, **extra):
        """Return the signed address at which a browser pays; nothing is sent."""
        return f"{self.url}?{urlencode(self.params(method, content, **extra))}"

    def call(self, method, content, **extra):
        """Send a request and return the verified answer.

        :rtype: dict
        :raise GatewayUnknown: no answer, an unreliable one, or a fault inside
        :raise GatewayRejected: refused
        """
        params = self.params(method, content, **extra)
        data = {"biz_content": params.pop("biz_content")}
        try:
            response = requests.post(
                self.url,
                params=params,
                data=data,
                timeout=self.timeout,
                allow_redirects=False,
            )
            status, text = response.status_code, response.content.decode()
        except (requests.exceptions.RequestException, UnicodeDecodeError) as error:
            _logger.warning("Alipay: no answer to %s.", method)
            raise GatewayUnknown("No answer from Alipay.") from error
        _logger.info("Alipay: %s: %s", method, status)
        if status != 200:
            raise GatewayUnknown(f"Alipay answered with {status}.")
        return self._read(method, text)

    def download(self, url):
        """Return a file that Alipay has announced in a verified answer.

        :param str url: at Alipay, or at the stand-in that we talk to
        :rtype: bytes
        :raise GatewayUnknown: it was not delivered, or lies elsewhere
        """
        parts, ours = urlsplit(url), urlsplit(self.url)
        at_alipay = parts.scheme == "https" and (
            (parts.hostname or "").endswith(DOWNLOAD_DOMAINS)
        )
        if not at_alipay and (parts.scheme, parts.netloc) != (ours.scheme, ours.netloc):
            raise GatewayUnknown("The file does not lie at Alipay.")
        try:
            response = requests.get(url, timeout=self.timeout, allow_redirects=False)
            status, content = response.status_code, response.content
        except requests.exceptions.RequestException as error:
            raise GatewayUnknown("No answer from Alipay.") from error
        if status != 200:
            raise GatewayUnknown(f"Alipay answered with {status}.")
        return content

    def _read(self, method, text):
        name = method.replace(".", "_") + "_response"
        try:
            whole = json.loads(text)
            answer = whole.get(name) or whole["error_response"]
            code = answer["code"]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise GatewayUnknown("Alipay's answer is not readable.") from error
        signature = whole.get("sign")
        # Refusals made before the application is known carry no signature.
        if signature or code not in INVALID:
            member = name if name in whole else "error_response"
            exact = answer_text(text, member) or ""
            if not verify(self.alipay_key, exact, signature):
                _logger.error("Alipay: an answer is not to be trusted.")
                raise GatewayUnknown("Alipay's answer is not signed by Alipay.")
        if code == SUCCESS:
            return answer
        refusal = answer.get("sub_code") or code
        message = answer.get("sub_msg") or answer.get("msg") or ""
        if code in (FAILED, *INVALID) and refusal not in UNKNOWN_SUBCODES:
            raise GatewayRejected(refusal, message)
        raise GatewayUnknown(f"{refusal}: {message}")

    # === INCOMING === #

    def check(self, pairs):
        """Return the parameters of a notification that Alipay has signed.

        :param list pairs: names and values of the form, decoded
        :rtype: dict
        :raise BadSignature: it is not from Alipay
        """
        params = dict(pairs)
        if len(params) != len(pairs) or params.get("sign_type") != "RSA2":
            raise BadSignature("no RSA2 signature")
        # Whether parameters without value are signed is not settled.
        without = ("sign", "sign_type")
        for keep_empty in (True, False):
            text = signed_text(params, without, keep_empty)
            if verify(self.alipay_key, text, params.get("sign")):
                return params
        raise BadSignature("wrong signature")
