"""Alipay's open interface: who logs in. Requests and answers are signed (RSA2)."""

import base64
import json
import re
from datetime import datetime, timedelta, timezone

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from .platform import PlatformError, base_url, call

GATEWAY_URL = "https://openapi.alipay.com/gateway.do"
URL_OPTION = "teahouse_alipay_api_url"
# Alipay's clock, which knows no summer time.
_BEIJING = timezone(timedelta(hours=8))
_PEM = "-----BEGIN {0}-----\n{1}\n-----END {0}-----\n"


def load_private_key(text):
    """Return an RSA private key from PEM, or from the bare base64 that Alipay shows.

    :raise ValueError: it is none
    """
    if "-----BEGIN" in text:
        return serialization.load_pem_private_key(text.encode(), None)
    bare = base64.b64decode("".join(text.split()), validate=True)
    try:
        return serialization.load_der_private_key(bare, None)
    except ValueError:
        # PKCS#1 without its header.
        body = base64.encodebytes(bare).decode().strip()
        pem = _PEM.format("RSA PRIVATE KEY", body)
        return serialization.load_pem_private_key(pem.encode(), None)


def load_public_key(text):
    """Return an RSA public key from PEM or bare base64.

    :raise ValueError: it is none
    """
    if "-----BEGIN" in text:
        return serialization.load_pem_public_key(text.encode())
    bare = base64.b64decode("".join(text.split()), validate=True)
    return serialization.load_der_public_key(bare)


def content_to_sign(params):
    """Return the text that a request's signature is made over."""
    pairs = sorted((key, value) for key, value in params.items() if value)
    return "&".join(f"{key}={value}" for key, value in pairs if key != "sign")


def signed_part(text, name):
    """Return the exact text of a member of a JSON object, as it was signed.

    :raise ValueError: the object has no such member
    """
    for found in re.finditer(rf'"{re.escape(name)}"\s*:\s*', text):
        _value, end = json.JSONDecoder().raw_decode(text, found.end())
        return text[found.end() : end]
    raise ValueError(name)


class AlipayApp:
    """An application registered at Alipay.

    :param str app_id: APPID
    :param str private_key: of the application
    :param str public_key: of Alipay, not of the application
    """

    def __init__(self, app_id, private_key, public_key):
        self.app_id = app_id
        self.private_key = load_private_key(private_key)
        self.public_key = load_public_key(public_key)
        self.url = base_url(URL_OPTION, GATEWAY_URL)

    def identify(self, auth_code):
        """Return the open id (older applications: the user id) of a code's giver.

        :raise PlatformError: ``isv.code-invalid`` for an unknown or used code
        """
        answer = self._call(
            "alipay.system.oauth.token",
            {"grant_type": "authorization_code", "code": auth_code},
        )
        subject = answer.get("open_id") or answer.get("user_id")
        if not isinstance(subject, str) or not subject:
            raise PlatformError("no_answer", sent=True)
        return subject

    def _call(self, method, values):
        params = {
            "app_id": self.app_id,
            "method": method,
            "format": "JSON",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": datetime.now(_BEIJING).strftime("%Y-%m-%d %H:%M:%S"),
            "version": "1.0",
            **values,
        }
        signature = self.private_key.sign(
            content_to_sign(params).encode(), PKCS1v15(), hashes.SHA256()
        )
        params["sign"] = base64.b64encode(signature).decode()
        response = call("POST", self.url, data=params)
        return self._read(response, method.replace(".", "_") + "_response")

    def _read(self, response, name):
        text = response.content.decode("utf-8", "replace")
        try:
            document = json.loads(text)
            if "error_response" in document:
                name = "error_response"
            answer = document[name]
            if name == "error_response" or answer.get("code", "10000") != "10000":
                raise PlatformError(answer.get("sub_code") or answer["code"])
            self.public_key.verify(
                base64.b64decode(document["sign"]),
                signed_part(text, name).encode(),
                PKCS1v15(),
                hashes.SHA256(),
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise PlatformError("no_answer", sent=True) from error
        except InvalidSignature as error:
            raise PlatformError("bad_signature", sent=True) from error
        return answer
