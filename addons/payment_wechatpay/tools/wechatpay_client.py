"""The wire of WeChat Pay API v3: signed requests, verified answers. No Odoo."""

import json
import logging
import secrets
import time
from urllib.parse import urlsplit

import requests

from odoo.addons.payment_cn_common.tools.gateway import (
    BadSignature,
    GatewayRejected,
    GatewayUnknown,
)

from .wechatpay_crypto import (
    lines,
    load_public_key,
    read_certificates,
    sign,
    verify,
)

_logger = logging.getLogger(__name__)


class WechatpayClient:
    """Talks to WeChat Pay for one merchant.

    :param str base_url: scheme and host of the gateway
    :param str mchid: merchant id
    :param str serial: serial number of the merchant's certificate
    :param private_key: the merchant's RSA private key
    :param dict platform_keys: RSA public keys that WeChat Pay may sign with, by the
        ids of its public key or certificates; it is asked to use the first
    :param float timeout: seconds
    :param int max_skew: seconds that a signed message may be old
    """

    def __init__(
        self,
        *,
        base_url,
        mchid,
        serial,
        private_key,
        platform_keys,
        timeout=10,
        max_skew=300,
    ):
        self.base_url = base_url.rstrip("/")
        self.mchid = mchid
        self.serial = serial
        self.private_key = private_key
        self.platform_keys = dict(platform_keys)
        self.timeout = timeout
        self.max_skew = max_skew

    # === OUTGOING === #

    def call(self, method, path, body=None):
        """Send a request and return the verified answer.

        :param str path: path and query, such as ``/v3/pay/transactions/native``
        :param dict body: JSON body
        :return: the answer, empty where there is none
        :rtype: dict
        :raise GatewayUnknown: no answer, an unreliable one, or a fault inside
        :raise GatewayRejected: refused
        """
        return self._read(*self._send(method, path, body))

    def certificates(self, api_v3_key):
        """Return the certificates that WeChat Pay signs with, now and soon.

        They come encrypted with the key that only WeChat Pay and the merchant have.
        The answer may be signed with one of them that nobody here has seen before.

        :param str api_v3_key: 32 characters
        :return: dicts with ``serial``, ``pem``, ``valid_from``, ``valid_until`` (aware)
        :raise GatewayUnknown: no answer, or one that is not WeChat Pay's
        :raise GatewayRejected: refused
        """
        status, headers, content = self._send("GET", "/v3/certificates")
        found = []
        if status == 200:
            try:
                found = read_certificates(api_v3_key, json.loads(content))
            except (ValueError, KeyError, TypeError) as error:
                raise GatewayUnknown("The certificates cannot be read.") from error
        for one in found:
            self.platform_keys.setdefault(one["serial"], load_public_key(one["pem"]))
        self._read(status, headers, content)
        return found

    def _send(self, method, path, body=None):
        """Send a request and return status, headers and content of the answer."""
        data = json.dumps(body, ensure_ascii=False) if body is not None else ""
        headers = {
            "Accept": "application/json",
            "Authorization": self.authorization(method, path, data),
            "Content-Type": "application/json",
            "User-Agent": "odoo-payment-wechatpay",
            "Wechatpay-Serial": next(iter(self.platform_keys)),
        }
        try:
            response = requests.request(
                method,
                self.base_url + path,
                data=data.encode() or None,
                headers=headers,
                timeout=self.timeout,
                allow_redirects=False,
            )
            content = response.content
        except requests.exceptions.RequestException as error:
            _logger.warning("WeChat Pay: no answer to %s %s.", method, path)
            raise GatewayUnknown("No answer from WeChat Pay.") from error
        _logger.info("WeChat Pay: %s %s: %s", method, path, response.status_code)
        return response.status_code, response.headers, content

    def download(self, url):
        """Return a file that WeChat Pay has announced; nothing signs it.

        :param str url: from a verified answer; only its path and query count
        :rtype: bytes
        :raise GatewayUnknown: it was not delivered
        """
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}"
        try:
            response = requests.get(
                self.base_url + path,
                headers={
                    "Authorization": self.authorization("GET", path, ""),
                    "User-Agent": "odoo-payment-wechatpay",
                },
                timeout=self.timeout,
                allow_redirects=False,
            )
            content = response.content
        except requests.exceptions.RequestException as error:
            raise GatewayUnknown("No answer from WeChat Pay.") from error
        if response.status_code != 200:
            raise GatewayUnknown(f"WeChat Pay answered with {response.status_code}.")
        return content

    def authorization(self, method, path, data):
        """Return the Authorization header that signs a request."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        message = lines(method, path, timestamp, nonce, data)
        return (
            f'WECHATPAY2-SHA256-RSA2048 mchid="{self.mchid}",nonce_str="{nonce}",'
            f'signature="{sign(self.private_key, message)}",'
            f'timestamp="{timestamp}",serial_no="{self.serial}"'
        )

    def _read(self, status, headers, content):
        if status < 200 or 300 <= status < 400 or status >= 500 or status == 429:
            raise GatewayUnknown(f"WeChat Pay answered with {status}.")
        # Refusals made before the merchant is known carry no signature.
        if status < 300 or headers.get("Wechatpay-Signature"):
            try:
                self.check(headers, content)
            except BadSignature as error:
                _logger.error("WeChat Pay: an answer is not to be trusted: %s", error)
                raise GatewayUnknown(str(error)) from error
        if not content and status < 300:
            return {}
        try:
            answer = json.loads(content)
            if status >= 400:
                raise GatewayRejected(answer["code"], answer.get("message", ""))
            return answer
        except (ValueError, TypeError, KeyError) as error:
            raise GatewayUnknown(f"WeChat Pay answered with {status}.") from error

    def pay_params(self, app_id, prepay_id):
        """Return what the client hands to WeChat's payment dialog, signed."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        message = lines(app_id, timestamp, nonce, package)
        return {
            "appId": app_id,
            "timeStamp": timestamp,
            "nonceStr": nonce,
            "package": package,
            "signType": "RSA",
            "paySign": sign(self.private_key, message),
        }

    # === INCOMING === #

    def check(self, headers, content):
        """Check that WeChat Pay has signed a message just now.

        It fetches no key: a message signed by an unknown one is refused.

        :param headers: has the ``Wechatpay-…`` headers
        :param bytes content: the body as it came
        :raise BadSignature: it has not
        """
        timestamp = headers.get("Wechatpay-Timestamp") or ""
        nonce = headers.get("Wechatpay-Nonce") or ""
        key = self.platform_keys.get(headers.get("Wechatpay-Serial"))
        if not key:
            raise BadSignature("signed with an unknown key")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
            raise BadSignature("no time")
        if abs(time.time() - int(timestamp)) >= self.max_skew:
            raise BadSignature("too old")
        message = f"{timestamp}\n{nonce}\n".encode() + content + b"\n"
        if not verify(key, message, headers.get("Wechatpay-Signature")):
            raise BadSignature("wrong signature")
