"""Stand-ins for WeChat and Alipay.

They check every parameter and signature, and misbehave when a test says so.
"""

import base64
import json
import re
import threading
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


class Fake:
    """A service on the loopback interface.

    :attr list seen: (path, parameters) of each request, in order
    :attr list faults: what to do to the next requests: ``drop``, ``500``, ``junk``,
        ``process_then_drop``, or a function of the answer; None does nothing
    """

    def __init__(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                fake._serve(self)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        self.seen, self.faults = [], []
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        with self._lock:
            fault = self.faults.pop(0) if self.faults else None
            if fault not in ("drop", "500"):
                answer = self.answer(handler, urlsplit(handler.path), body)
        if fault in ("drop", "process_then_drop"):
            handler.close_connection = True
            handler.connection.close()
            return
        if fault == "500":
            handler.send_error(500)
            return
        text = "<html>" if fault == "junk" else answer
        if callable(fault):
            text = fault(answer)
        data = text.encode()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def answer(self, handler, url, body):
        """Return the text of the answer to a request."""
        raise NotImplementedError


class FakeWechat(Fake):
    """WeChat's open interface for one application.

    :attr dict codes: login code -> openid, each for one use
    :attr dict phones: phone code -> number, each for one use
    :attr dict accepted: (openid, template) -> messages accepted
    """

    def __init__(self, app_id="wx-test", secret="wechat-secret"):
        super().__init__()
        self.app_id, self.secret = app_id, secret
        self.codes, self.phones, self.accepted, self.spent = {}, {}, {}, set()
        self.sent, self.shipped = [], []
        self.country, self.watermark = "86", app_id
        self.token, self.tokens_made = "token-1", 1

    def expire_token(self, renewed=False):
        """Refuse the token of before; ``renewed``: another process asked already."""
        self.stale = self.token
        if renewed:
            self._new_token()
        else:
            self.revoked = True

    revoked = False

    def _new_token(self):
        self.tokens_made += 1
        self.token = f"token-{self.tokens_made}"
        self.revoked = False

    def answer(self, handler, url, body):
        query = dict(parse_qsl(url.query))
        content = json.loads(body) if body else {}
        self.seen.append((url.path, {**query, **content}))
        routes = {
            ("GET", "/sns/jscode2session"): self._session,
            ("GET", "/sns/oauth2/access_token"): self._oauth,
            ("POST", "/cgi-bin/stable_token"): self._stable_token,
            ("POST", "/wxa/business/getuserphonenumber"): self._phone,
            ("POST", "/cgi-bin/message/subscribe/send"): self._send,
            ("POST", "/wxa/sec/order/upload_shipping_info"): self._ship,
        }
        route = routes.get((handler.command, url.path))
        if not route:
            return json.dumps({"errcode": 48001, "errmsg": "api unauthorized"})
        return json.dumps(route(query, content), ensure_ascii=False)

    def _bad_app(self, given):
        if given.get("appid") != self.app_id:
            return {"errcode": 40013, "errmsg": "invalid appid"}
        if given.get("secret") != self.secret:
            return {"errcode": 40125, "errmsg": "invalid appsecret"}
        return None

    def _exchange(self, query, name):
        if set(query) != {"appid", "secret", name, "grant_type"}:
            return {"errcode": 41008, "errmsg": "missing"}
        if query["grant_type"] != "authorization_code":
            return {"errcode": 40002, "errmsg": "invalid grant_type"}
        if bad := self._bad_app(query):
            return bad
        code = query[name]
        if code in self.spent:
            return {"errcode": 40163, "errmsg": "code been used"}
        if code not in self.codes:
            return {"errcode": 40029, "errmsg": "invalid code"}
        self.spent.add(code)
        return {"openid": self.codes[code]}

    def _session(self, query, _content):
        answer = self._exchange(query, "js_code")
        return answer if "errcode" in answer else {**answer, "session_key": "SK-secret"}

    def _oauth(self, query, _content):
        answer = self._exchange(query, "code")
        more = {
            "access_token": "user-token",
            "expires_in": 7200,
            "scope": "snsapi_base",
        }
        return answer if "errcode" in answer else {**answer, **more}

    def _stable_token(self, query, content):
        if content.get("grant_type") != "client_credential" or query:
            return {"errcode": 40002, "errmsg": "invalid grant_type"}
        if bad := self._bad_app(content):
            return bad
        if content.get("force_refresh"):
            self._new_token()
        return {"access_token": self.token, "expires_in": 7200}

    def _bad_token(self, query):
        if query.get("access_token") != self.token or self.revoked:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        return None

    def _ship(self, query, content):
        """Hear that a service was given; each payment is told of once."""
        if bad := self._bad_token(query):
            return bad
        key, payer = content.get("order_key", {}), content.get("payer", {})
        if not key.get("transaction_id") or not payer.get("openid"):
            return {"errcode": 268485216, "errmsg": "missing"}
        if any(key == told["order_key"] for told in self.shipped):
            return {"errcode": 10060023, "errmsg": "已发货"}
        self.shipped.append(content)
        return {"errcode": 0, "errmsg": "ok"}

    def _phone(self, query, content):
        if bad := self._bad_token(query):
            return bad
        code = content.get("code")
        if set(content) != {"code"} or code not in self.phones or code in self.spent:
            return {"errcode": 40029, "errmsg": "invalid code"}
        self.spent.add(code)
        number = self.phones[code]
        return {
            "errcode": 0,
            "phone_info": {
                "phoneNumber": number,
                "purePhoneNumber": number,
                "countryCode": self.country,
                "watermark": {"timestamp": int(time.time()), "appid": self.watermark},
            },
        }

    def _send(self, query, content):
        if bad := self._bad_token(query):
            return bad
        if not {"touser", "template_id", "data"} <= set(content):
            return {"errcode": 40003, "errmsg": "invalid openid"}
        for name, item in content["data"].items():
            value = item.get("value")
            if not value or (re.match(r"thing\d", name) and len(value) > 20):
                return {"errcode": 47003, "errmsg": f"argument invalid! {name}"}
        key = content["touser"], content["template_id"]
        if not self.accepted.get(key):
            return {"errcode": 43101, "errmsg": "user refuse to accept the msg"}
        self.accepted[key] -= 1
        self.sent.append(content)
        return {"errcode": 0, "errmsg": "ok"}


def pem(key, private=False):
    """Return a key as PEM."""
    if private:
        return key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode()
    return (
        key.public_key()
        .public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        .decode()
    )


class FakeAlipay(Fake):
    """Alipay's gateway for one application; keys are made for each test run."""

    app_key = rsa.generate_private_key(65537, 2048)
    alipay_key = rsa.generate_private_key(65537, 2048)
    app_id = "2021000000000001"

    def __init__(self):
        super().__init__()
        self.codes, self.spent = {}, set()
        self.signing_key = self.alipay_key

    def answer(self, handler, url, body):
        params = dict(parse_qsl(body.decode(), keep_blank_values=True))
        self.seen.append((url.path, params))
        return self._document(*self._judge(handler, params))

    def _judge(self, handler, params):
        beijing = datetime.now(timezone(timedelta(hours=8))).replace(tzinfo=None)
        at = datetime.strptime(params["timestamp"], "%Y-%m-%d %H:%M:%S")
        expected = {
            "app_id": self.app_id,
            "method": "alipay.system.oauth.token",
            "charset": "utf-8",
            "sign_type": "RSA2",
            "version": "1.0",
            "format": "JSON",
            "grant_type": "authorization_code",
        }
        wrong = [name for name in expected if params.get(name) != expected[name]]
        if (
            handler.command != "POST"
            or wrong
            or abs(beijing - at).total_seconds() > 300
        ):
            return "error_response", self._error("isv.invalid-parameter", wrong)
        given = {key: value for key, value in params.items() if key != "sign" and value}
        text = "&".join(f"{key}={given[key]}" for key in sorted(given))
        try:
            self.app_key.public_key().verify(
                base64.b64decode(params["sign"]),
                text.encode(),
                padding.PKCS1v15(),
                hashes.SHA256(),
            )
        except InvalidSignature:
            return "error_response", self._error("isv.invalid-signature", [])
        code = params["code"]
        if code in self.spent or code not in self.codes:
            return "error_response", self._error("isv.code-invalid", [])
        self.spent.add(code)
        return "alipay_system_oauth_token_response", {
            "open_id": self.codes[code],
            "access_token": "alipay-user-token",
            "expires_in": 1296000,
            "note": 'tricky } " text',
        }

    @staticmethod
    def _error(sub_code, wrong):
        return {
            "code": "40002",
            "msg": "Invalid Arguments",
            "sub_code": sub_code,
            "sub_msg": ",".join(wrong) or "refused",
        }

    def _document(self, name, values):
        part = json.dumps(values, ensure_ascii=False, separators=(", ", ":"))
        signature = self.signing_key.sign(
            part.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        sign = base64.b64encode(signature).decode()
        return f'{{"{name}":{part},"sign":"{sign}"}}'
