"""Stand-ins for SMS services, which recompute the signature of every request."""

import hashlib
import hmac
import json
import re
import time
from datetime import UTC, datetime
from urllib.parse import parse_qsl, quote

from .fakes import Fake


class FakeSms(Fake):
    """What both SMS services share: messages, and an answer to force.

    :attr list messages: (number, template, values) that were sent
    :attr str refusal: code to refuse with
    """

    key_id, secret, sign_name = "KEY-ID", "sms-secret", "清和茶室"

    def __init__(self):
        super().__init__()
        self.messages, self.refusal = [], None


class FakeAliyun(FakeSms):
    """Recomputes ACS3-HMAC-SHA256 from what came over the wire."""

    def answer(self, handler, url, body):
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.seen.append((url.path, query))
        code = self.refusal or self._judge(handler, url, headers, query, body)
        if code == "OK":
            values = json.loads(query["TemplateParam"])
            self.messages.append((query["PhoneNumbers"], query["TemplateCode"], values))
        return json.dumps({"Code": code, "RequestId": "r", "Message": code})

    def _judge(self, handler, url, headers, query, body):
        found = re.fullmatch(
            r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),"
            r"Signature=([0-9a-f]{64})",
            headers.get("authorization", ""),
        )
        if not found or found[1] != self.key_id:
            return "InvalidAccessKeyId.NotFound"
        names = found[2].split(";")
        needed = {"host"} | {name for name in headers if name.startswith("x-acs-")}
        digest = hashlib.sha256(body).hexdigest()
        pairs = sorted(parse_qsl(url.query, keep_blank_values=True))
        canonical = (
            f"{handler.command}\n{url.path}\n"
            + "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs)
            + "\n"
            + "".join(f"{name}:{headers[name]}\n" for name in names)
            + f"\n{found[2]}\n{digest}"
        )
        text = "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()
        mac = hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()
        at = datetime.strptime(headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ")
        age = abs((datetime.now(UTC).replace(tzinfo=None) - at).total_seconds())
        good = (
            hmac.compare_digest(mac, found[3])
            and set(names) >= needed
            and headers["x-acs-content-sha256"] == digest
            and len(headers["x-acs-signature-nonce"]) >= 16
            and age < 900
        )
        if not good:
            return "SignatureDoesNotMatch"
        if (headers["x-acs-action"], headers["x-acs-version"]) != (
            "SendSms",
            "2017-05-25",
        ):
            return "InvalidAction.NotFound"
        if query.get("SignName") != self.sign_name:
            return "isv.SMS_SIGNATURE_ILLEGAL"
        return (
            "OK"
            if re.fullmatch(r"1\d{10}", query["PhoneNumbers"])
            else ("isv.MOBILE_NUMBER_ILLEGAL")
        )


class FakeTencent(FakeSms):
    """Recomputes TC3-HMAC-SHA256 from what came over the wire."""

    sdk_app_id = "1400000001"

    def answer(self, handler, url, body):
        headers = {name.lower(): value for name, value in handler.headers.items()}
        content = json.loads(body)
        self.seen.append((url.path, content))
        error = self._judge(handler, url, headers, body)
        if error:
            return json.dumps({"Response": {"Error": {"Code": error}}})
        code = self.refusal or "Ok"
        if content["SmsSdkAppId"] != self.sdk_app_id:
            code = "UnauthorizedOperation.SmsSdkAppIdVerifyFail"
        if content["SignName"] != self.sign_name:
            code = "FailedOperation.SignatureIncorrectOrUnapproved"
        (number,) = content["PhoneNumberSet"]
        if not re.fullmatch(r"\+861\d{10}", number):
            code = "InvalidParameterValue.IncorrectPhoneNumber"
        if code == "Ok":
            self.messages.append(
                (number, content["TemplateId"], content["TemplateParamSet"])
            )
        return json.dumps({"Response": {"SendStatusSet": [{"Code": code}]}})

    def _judge(self, handler, url, headers, body):
        found = re.fullmatch(
            r"TC3-HMAC-SHA256 Credential=([^/]+)/([\d-]+)/sms/tc3_request,"
            r" SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
            headers.get("authorization", ""),
        )
        if not found or found[1] != self.key_id:
            return "AuthFailure.SecretIdNotFound"
        stamp = int(headers["x-tc-timestamp"])
        date = datetime.fromtimestamp(stamp, UTC).strftime("%Y-%m-%d")
        if abs(time.time() - stamp) > 300 or date != found[2]:
            return "AuthFailure.SignatureExpire"
        names = found[3].split(";")
        if not {"host", "content-type"} <= set(names):
            return "AuthFailure.SignatureFailure"
        lowered = {**headers, "x-tc-action": headers["x-tc-action"].lower()}
        canonical = (
            f"{handler.command}\n{url.path}\n{url.query}\n"
            + "".join(f"{name}:{lowered[name]}\n" for name in names)
            + f"\n{found[3]}\n{hashlib.sha256(body).hexdigest()}"
        )
        text = (
            f"TC3-HMAC-SHA256\n{stamp}\n{date}/sms/tc3_request\n"
            + hashlib.sha256(canonical.encode()).hexdigest()
        )
        key = ("TC3" + self.secret).encode()
        for part in (date, "sms", "tc3_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        mac = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(mac, found[4]):
            return "AuthFailure.SignatureFailure"
        if (headers["x-tc-action"], headers["x-tc-version"]) != (
            "SendSms",
            "2021-01-11",
        ):
            return "InvalidAction"
        return None
