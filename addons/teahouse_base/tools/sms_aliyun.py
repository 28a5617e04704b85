"""SMS by Aliyun: requests signed with ACS3-HMAC-SHA256."""

import hashlib
import hmac
import json
import secrets
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

from .platform import base_url, call, json_of
from .sms_service import SmsServiceApi

API_URL = "https://dysmsapi.aliyuncs.com"
URL_OPTION = "teahouse_aliyun_sms_url"
ALGORITHM = "ACS3-HMAC-SHA256"


def canonical_query(params):
    """Return the query as it is sent and signed."""
    return "&".join(
        f"{quote(key, safe='-_.~')}={quote(value, safe='-_.~')}"
        for key, value in sorted(params.items())
    )


def authorization(key_id, secret, method, query, headers, path="/"):
    """Return the Authorization header of a request without a body.

    :param dict headers: all headers to sign, in lower case
    """
    names = sorted(headers)
    signed = ";".join(names)
    canonical = "\n".join(
        [
            method,
            path,
            query,
            "".join(f"{name}:{headers[name].strip()}\n" for name in names),
            signed,
            headers["x-acs-content-sha256"],
        ]
    )
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return (
        f"{ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"
    )


class SmsApiAliyun(SmsServiceApi):
    OK = {"OK"}
    STATES = {
        "isv.MOBILE_NUMBER_ILLEGAL": "wrong_number_format",
        "isv.AMOUNT_NOT_ENOUGH": "insufficient_credit",
        "isv.OUT_OF_SERVICE": "insufficient_credit",
        "isv.SMS_TEMPLATE_ILLEGAL": "no_template",
        "isv.SMS_SIGNATURE_ILLEGAL": "unregistered",
        "SignatureDoesNotMatch": "unregistered",
        "InvalidAccessKeyId.NotFound": "unregistered",
        "isv.BUSINESS_LIMIT_CONTROL": "rate_limited",
    }

    def _request(self, account, message, number):
        url = base_url(URL_OPTION, API_URL)
        names = message.get("param_names") or sorted(message["params"])
        values = {name: str(message["params"].get(name, "")) for name in names}
        query = canonical_query(
            {
                "PhoneNumbers": number.removeprefix("+86"),
                "SignName": account.sign_name,
                "TemplateCode": message["service_template"],
                "TemplateParam": json.dumps(values, ensure_ascii=False),
                "OutId": message["numbers"][0]["uuid"],
            }
        )
        headers = {
            "host": urlsplit(url).netloc,
            "x-acs-action": "SendSms",
            "x-acs-version": "2017-05-25",
            "x-acs-date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-content-sha256": hashlib.sha256(b"").hexdigest(),
        }
        headers["Authorization"] = authorization(
            account.key_id, account.key_secret, "POST", query, headers
        )
        response = call("POST", f"{url}/?{query}", headers=headers)
        return json_of(response).get("Code")
