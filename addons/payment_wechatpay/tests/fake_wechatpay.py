"""A stand-in of WeChat Pay on the loopback interface.

It checks the signature of every request, signs its answers and notifications, keeps
orders and refunds, and misbehaves when told to: ``drop`` (nothing happens),
``process_then_drop`` (it happens, the answer is lost), ``badsig``, ``500``, ``delay``,
or a moment (before or after it happens) with something to do there.
Of what was paid and refunded it writes the daily bill, which has a ``bill_fault``, too.
"""

import base64
import json
import re
import secrets
import threading
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID

from ..tools.wechatpay_crypto import lines, sign, verify
from . import fake_bill

MCHID, APPID, MP_APPID = "1900000001", "wx-mini-program", "wx-official-account"
SERIAL, PLATFORM_SERIAL = "5F3A", "PUB_KEY_ID_0000000001"
API_V3_KEY = "0123456789abcdef0123456789abcdef"
AUTHORIZATION = re.compile(r'(\w+)="([^"]*)"')


@cache
def key_pair(name):
    """Return a private key and the PEM texts of it and its public key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return key, private.decode(), public.decode()


def certificate(name, serial, since, until):
    """Return a platform certificate for a key pair, as PEM text.

    :param int serial: its number
    :param since: aware, and ``until``
    """
    owner = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com")])
    key = key_pair(name)[0]
    made = (
        x509.CertificateBuilder()
        .subject_name(owner)
        .issuer_name(owner)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(since)
        .not_valid_after(until)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def encrypted(pem, serial, key=API_V3_KEY):
    """Return a certificate as WeChat Pay delivers it."""
    nonce = secrets.token_hex(6)
    text = AESGCM(key.encode()).encrypt(nonce.encode(), pem.encode(), b"certificate")
    return {
        "serial_no": f"{serial:X}",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": base64.b64encode(text).decode(),
        },
    }


class Refusal(Exception):
    def __init__(self, status, code):
        super().__init__(code)
        self.status, self.code = status, code


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class FakeWechatpay:
    def __init__(self):
        self.orders, self.refunds, self.calls, self.faults = {}, {}, [], []
        self.refund_state = "SUCCESS"
        # The key that it signs with, and the certificates that it delivers.
        self.signs_with, self.certificates = ("platform", PLATFORM_SERIAL), []
        self.moves, self.bills, self.bill_fault = [], {}, None
        self.lock = threading.Lock()

    def start(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                fake.handle(self)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # === REQUESTS === #

    def handle(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length)
        with self.lock:
            self.calls.append((handler.command, handler.path))
            fault = self.faults.pop(0) if self.faults else None
            if fault == "drop" or self.interrupt("before", fault):
                return handler.connection.close()
            status, answer = 500, {"code": "SYSTEM_ERROR", "message": "later"}
            if fault != "500":
                status, answer = self.answer(handler, body)
            if isinstance(answer, bytes):
                return self.deliver(handler, answer)
        if fault == "process_then_drop" or self.interrupt("after", fault):
            return handler.connection.close()
        if fault == "delay":
            time.sleep(0.3)
        content = json.dumps(answer).encode() if answer is not None else b""
        handler.send_response(status)
        signed = content + (b"x" if fault == "badsig" else b"")
        for name, value in self.signature(signed).items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    @staticmethod
    def deliver(handler, content):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    @staticmethod
    def interrupt(when, fault):
        """Do what shall happen at this moment: a fault of ("before"|"after", call)."""
        if isinstance(fault, tuple) and fault[0] == when:
            fault[1]()
            return True
        return False

    def answer(self, handler, body):
        try:
            self.authenticate(handler, body)
            path, _sep, query = handler.path.partition("?")
            if "bill" in path:
                return 200, self.bill(path, dict(parse_qsl(query)))
            data = json.loads(body) if body else {}
            return self.route(handler.command, path, data)
        except Refusal as refusal:
            return refusal.status, {"code": refusal.code, "message": refusal.code}

    def authenticate(self, handler, body):
        scheme, _sep, values = handler.headers["Authorization"].partition(" ")
        auth = dict(AUTHORIZATION.findall(values))
        text = lines(
            handler.command,
            handler.path,
            auth["timestamp"],
            auth["nonce_str"],
            body.decode(),
        )
        good = (
            scheme == "WECHATPAY2-SHA256-RSA2048"
            and (auth["mchid"], auth["serial_no"]) == (MCHID, SERIAL)
            and abs(time.time() - int(auth["timestamp"])) < 300
            and verify(
                key_pair("merchant")[0].public_key(), text.encode(), auth["signature"]
            )
        )
        if not good:
            raise Refusal(401, "SIGN_ERROR")

    def route(self, method, path, data):
        if path == "/v3/refund/domestic/refunds":
            return 200, self.refund(data)
        if path == "/v3/certificates":
            return 200, {"data": self.certificates}
        parts = path.split("/")[4:]
        if method == "POST" and len(parts) == 1:
            return 200, self.order(parts[0], data)
        order = self.orders.get(parts[1])
        if not order:
            raise Refusal(404, "ORDER_NOT_EXIST")
        if parts[-1] == "close":
            if order["trade_state"] == "SUCCESS":
                raise Refusal(400, "ORDERPAID")
            order["trade_state"] = "CLOSED"
            return 204, None
        return 200, self.trade(order)

    def order(self, kind, data):
        if data["mchid"] != MCHID or not data["notify_url"].startswith("http"):
            raise Refusal(400, "PARAM_ERROR")
        if not re.fullmatch(r"[0-9A-Za-z_\-|*]{6,32}", data["out_trade_no"]):
            raise Refusal(400, "PARAM_ERROR")
        known = self.orders.setdefault(
            data["out_trade_no"], {"trade_state": "NOTPAY", "request": data}
        )
        if known["request"] != data:
            raise Refusal(400, "INVALID_REQUEST")
        if known["trade_state"] != "NOTPAY":
            raise Refusal(400, "ORDER_CLOSED")
        number = secrets.token_hex(8)
        if kind == "jsapi":
            assert data["payer"]["openid"]
            return {"prepay_id": f"wx{number}"}
        if kind == "h5":
            assert data["scene_info"]["payer_client_ip"]
            return {"h5_url": f"https://wx.tenpay.com/{number}"}
        return {"code_url": f"weixin://wxpay/bizpayurl?pr={number}"}

    def refund(self, data):
        order = self.orders.get(data["out_trade_no"])
        if not order or order["trade_state"] not in ("SUCCESS", "REFUND"):
            raise Refusal(404, "RESOURCE_NOT_EXISTS")
        number, amount = data["out_refund_no"], data["amount"]
        if number not in self.refunds:
            total = order["request"]["amount"]["total"]
            gone = sum(
                old["amount"]["refund"]
                for old in self.refunds.values()
                if old["out_trade_no"] == data["out_trade_no"]
            )
            if amount["total"] != total or gone + amount["refund"] > total:
                raise Refusal(400, "INVALID_REQUEST")
            if self.refund_state == "NOT_ENOUGH":
                raise Refusal(403, "NOT_ENOUGH")
            self.refunds[number] = {
                "refund_id": f"50{secrets.randbelow(10**10)}",
                "out_refund_no": number,
                "out_trade_no": data["out_trade_no"],
                "amount": amount,
                "status": self.refund_state,
            }
            self.moves.append(
                fake_bill.refund_line(
                    number, data["out_trade_no"], amount["refund"], self.refund_state
                )
            )
        return self.refunds[number]

    def bill(self, path, query):
        """Announce a bill, or deliver it."""
        if path.endswith("/file"):
            content = self.bills.get(query["token"], b"")
            return content[:-9] if self.bill_fault == "short" else content
        found = [m for m in self.moves if m["交易时间"][:10] == query["bill_date"]]
        if not found:
            raise Refusal(400, "NO_STATEMENT_EXIST")
        token = secrets.token_hex(8)
        make = fake_bill.flow if "fundflow" in path else fake_bill.bill
        self.bills[token] = content = make(found)
        digest = fake_bill.digest(content)
        return {
            "hash_type": "SHA1",
            "hash_value": digest[::-1] if self.bill_fault == "badhash" else digest,
            "download_url": f"{self.url}/v3/billdownload/file?token={token}",
        }

    # === WHAT THE PAYER DOES, AND TELLING THE MERCHANT === #

    def pay(self, number):
        order = self.orders[number]
        if order["trade_state"] == "NOTPAY":
            cents = order["request"]["amount"]["total"]
            self.moves.append(fake_bill.payment_line(number, cents))
        order["trade_state"] = "SUCCESS"

    def trade(self, order, **changes):
        request = order["request"]
        total = request["amount"]["total"]
        return {
            "appid": request["appid"],
            "mchid": MCHID,
            "out_trade_no": request["out_trade_no"],
            "transaction_id": f"42{request['out_trade_no']}",
            "trade_state": order["trade_state"],
            # The payer had a coupon.
            "amount": {"total": total, "payer_total": total - 1, "currency": "CNY"},
            "payer": {"openid": "o-secret-openid"},
            **changes,
        }

    def payment_notification(self, number, event_id=None, **changes):
        """Return headers and body of the notification of a payment."""
        data = self.trade(self.orders[number], **changes)
        return self.notification("TRANSACTION.SUCCESS", data, event_id)

    def refund_notification(self, number, state="SUCCESS", event_id=None):
        refund = self.refunds[number]
        amount = {key: refund["amount"][key] for key in ("total", "refund")}
        data = {**refund, "mchid": MCHID, "refund_status": state, "amount": amount}
        del data["status"]
        return self.notification(f"REFUND.{state}", data, event_id)

    def notification(self, event_type, data, event_id=None, key=API_V3_KEY):
        nonce = secrets.token_hex(6)
        ciphertext = AESGCM(key.encode()).encrypt(
            nonce.encode(), json.dumps(data).encode(), b"transaction"
        )
        resource = {
            "original_type": "transaction",
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "transaction",
            "ciphertext": base64.b64encode(ciphertext).decode(),
        }
        event = {
            "id": event_id or secrets.token_hex(16),
            "create_time": "2026-01-01T12:00:00+08:00",
            "event_type": event_type,
            "resource_type": "encrypt-resource",
            "resource": resource,
        }
        body = json.dumps(event).encode()
        headers = {"Content-Type": "application/json", **self.signature(body)}
        return headers, body

    def signature(self, content, at=None):
        timestamp, nonce = str(int(at or time.time())), secrets.token_hex(16)
        text = lines(timestamp, nonce, content.decode())
        return {
            "Wechatpay-Timestamp": timestamp,
            "Wechatpay-Nonce": nonce,
            "Wechatpay-Serial": self.signs_with[1],
            "Wechatpay-Signature": sign(key_pair(self.signs_with[0])[0], text),
            "Wechatpay-Signature-Type": "WECHATPAY2-SHA256-RSA2048",
        }
