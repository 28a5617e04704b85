"""SMS by Tencent Cloud: requests signed with TC3-HMAC-SHA256."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from .platform import base_url, call, json_of
from .sms_service import SmsServiceApi

API_URL = "https://sms.tencentcloudapi.com"
URL_OPTION = "teahouse_tencent_sms_url"
ALGORITHM = "TC3-HMAC-SHA256"
CONTENT_TYPE = "application/json; charset=utf-8"
SIGNED = "content-type;host;x-tc-action"


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def authorization(secret_id, secret, host, action, payload, timestamp, service="sms"):
    """Return the Authorization header of a request.

    :param bytes payload: the body
    :param int timestamp: seconds since 1970, also sent as X-TC-Timestamp
    """
    canonical = "\n".join(
        [
            "POST",
            "/",
            "",
            f"content-type:{CONTENT_TYPE}\nhost:{host}\nx-tc-action:{action.lower()}\n",
            SIGNED,
            hashlib.sha256(payload).hexdigest(),
        ]
    )
    date = datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{service}/tc3_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"
    key = _mac(f"TC3{secret}".encode(), date)
    key = _mac(_mac(key, service), "tc3_request")
    return (
        f"{ALGORITHM} Credential={secret_id}/{scope}, SignedHeaders={SIGNED}, "
        f"Signature={_mac(key, text).hex()}"
    )


class SmsApiTencent(SmsServiceApi):
    OK = {"Ok"}
    STATES = {
        "FailedOperation.InsufficientBalanceInSmsPackage": "insufficient_credit",
        "FailedOperation.TemplateIncorrectOrUnapproved": "no_template",
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": "no_template",
        "FailedOperation.SignatureIncorrectOrUnapproved": "unregistered",
        "InvalidParameterValue.IncorrectPhoneNumber": "wrong_number_format",
        "AuthFailure.SignatureFailure": "unregistered",
        "AuthFailure.SecretIdNotFound": "unregistered",
        "LimitExceeded.PhoneNumberDailyLimit": "rate_limited",
        "LimitExceeded.PhoneNumberOneHourLimit": "rate_limited",
        "LimitExceeded.PhoneNumberThirtySecondLimit": "rate_limited",
    }

    def _request(self, account, message, number):
        url = base_url(URL_OPTION, API_URL)
        names = message.get("param_names") or sorted(message["params"])
        payload = json.dumps(
            {
                "PhoneNumberSet": [number],
                "SmsSdkAppId": account.sdk_app_id,
                "SignName": account.sign_name,
                "TemplateId": message["service_template"],
                "TemplateParamSet": [
                    str(message["params"].get(name, "")) for name in names
                ],
            },
            ensure_ascii=False,
        ).encode()
        host, timestamp = urlsplit(url).netloc, int(time.time())
        headers = {
            "Content-Type": CONTENT_TYPE,
            "Host": host,
            "X-TC-Action": "SendSms",
            "X-TC-Version": "2021-01-11",
            "X-TC-Region": account.region or "ap-guangzhou",
            "X-TC-Timestamp": str(timestamp),
            "Authorization": authorization(
                account.key_id, account.key_secret, host, "SendSms", payload, timestamp
            ),
        }
        answer = json_of(call("POST", url + "/", data=payload, headers=headers))
        content = answer.get("Response") or {}
        if content.get("Error"):
            return content["Error"].get("Code")
        statuses = content.get("SendStatusSet") or [{}]
        return statuses[0].get("Code")
