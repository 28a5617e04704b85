"""Group-buy platforms: one small interface, requests that are signed, and a client.

A platform is asked three things: what a code stands for (prepare), to count it as used
(verify) and to undo that (reverse). Each change carries a number of ours, so that the
same request sent twice changes one thing.
"""

import hashlib
import hmac
import json
import logging
import secrets
import time
from dataclasses import dataclass

import requests

_logger = logging.getLogger(__name__)

TIMEOUT = 5
#: A signature is good for this many seconds.
SKEW = 300


class VoucherError(Exception):
    """A platform's refusal.

    :param str code: unknown, used, refunded, expired, too_late, wrong_shop, signature
        or unreachable (only then the outcome is not known)
    """

    def __init__(self, code, message=""):
        super().__init__(message or code)
        self.code = code


@dataclass(frozen=True)
class Prepared:
    """What a code stands for. Amounts are strings as the platform writes them."""

    token: str
    product: str
    name: str
    paid: str
    settle: str


@dataclass(frozen=True)
class Verified:
    number: str
    reverse_seconds: int


def signature(secret, path, timestamp, nonce, body):
    """Return the signature of a request: HMAC-SHA256 over what is sent, in hex.

    :param str secret: shared with the platform
    :param bytes body: exactly what is sent
    """
    text = "\n".join((path, timestamp, nonce)).encode() + b"\n" + body
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def check_signature(secret, path, headers, body, now=None):
    """Tell whether a request is signed with a secret, and fresh."""
    timestamp = headers.get("X-Timestamp") or ""
    if not timestamp.isdigit() or abs((now or time.time()) - int(timestamp)) > SKEW:
        return False
    wanted = signature(secret, path, timestamp, headers.get("X-Nonce") or "", body)
    return hmac.compare_digest(wanted, headers.get("X-Signature") or "")


class VoucherClient:
    """Client of a platform, or of what stands in for it.

    Meituan and Douyin differ in names of fields and of paths; a subclass maps them.
    """

    paths = {
        "prepare": "/voucher/prepare",
        "verify": "/voucher/verify",
        "reverse": "/voucher/reverse",
    }

    def __init__(self, url, app_key, secret, shop):
        self.url, self.app_key, self.secret = url.rstrip("/"), app_key, secret
        self.shop = shop

    def prepare(self, code):
        """Ask what a code stands for; it changes nothing.

        :raise VoucherError:
        """
        answer = self._send("prepare", {"code": code})
        return Prepared(
            answer["token"],
            str(answer["product"]),
            answer.get("name") or "",
            str(answer["paid"]),
            str(answer["settle"]),
        )

    def verify(self, code, token, request_id):
        """Have a code counted as used; the same number again changes nothing.

        :raise VoucherError:
        """
        values = {"code": code, "token": token, "request_id": request_id}
        answer = self._send("verify", values)
        return Verified(str(answer["number"]), int(answer["reverse_seconds"]))

    def reverse(self, number, request_id):
        """Undo a verification.

        :raise VoucherError: too_late beyond the platform's limit
        """
        self._send("reverse", {"number": number, "request_id": request_id})

    def _send(self, verb, values):
        path = self.paths[verb]
        body = json.dumps({"shop": self.shop, **values}, sort_keys=True).encode()
        timestamp, nonce = str(int(time.time())), secrets.token_hex(8)
        headers = {
            "Content-Type": "application/json",
            "X-App-Key": self.app_key,
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self.secret, path, timestamp, nonce, body),
        }
        try:
            response = requests.post(
                self.url + path, data=body, headers=headers, timeout=TIMEOUT
            )
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            _logger.warning("Voucher platform: %s", type(error).__name__)
            raise VoucherError("unreachable") from error
        if response.status_code >= 500:
            raise VoucherError("unreachable")
        if response.status_code != 200:
            raise VoucherError(
                str(answer.get("error") or "unknown"), str(answer.get("message") or "")
            )
        return answer


class MeituanClient(VoucherClient):
    """Meituan's names of the three requests."""

    paths = {
        "prepare": "/router/tuangou/receipt/prepare",
        "verify": "/router/tuangou/receipt/consume",
        "reverse": "/router/tuangou/receipt/reverseconsume",
    }


class DouyinClient(VoucherClient):
    """Douyin's names of the three requests."""

    paths = {
        "prepare": "/goodlife/v1/fulfilment/certificate/prepare/",
        "verify": "/goodlife/v1/fulfilment/certificate/verify/",
        "reverse": "/goodlife/v1/fulfilment/certificate/cancel/",
    }


CLIENTS = {"meituan": MeituanClient, "douyin": DouyinClient}
