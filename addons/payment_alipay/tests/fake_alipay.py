"""A stand-in of Alipay's gateway on the loopback interface.

It checks the signature of every request, signs its answers and notifications, keeps
trades and refunds, and misbehaves when told to: ``drop`` (nothing happens),
``process_then_drop`` (it happens, the answer is lost), ``badsig``, ``500``, ``delay``,
or a moment (before or after it happens) with something to do there.
Of what was paid and refunded it writes the daily bill, which has a ``bill_fault``, too.
"""

import json
import secrets
import threading
import time
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ..tools.alipay_crypto import sign, signed_text, verify
from . import fake_bill

APP_ID, SELLER_ID = "2021000000000001", "2088000000000001"


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


class Refusal(Exception):
    def __init__(self, sub_code, code="40004"):
        super().__init__(sub_code)
        self.code, self.sub_code = code, sub_code


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class FakeAlipay:
    def __init__(self):
        self.trades, self.refunds, self.calls, self.faults = {}, {}, [], []
        self.refund_status = "REFUND_SUCCESS"
        self.funds = True
        self.moves, self.bills, self.bill_fault = [], {}, None
        self.lock = threading.Lock()

    def start(self):
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                fake.handle(self)

            def do_GET(self):
                fake.deliver(self)

            def log_message(self, *args):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/gateway.do"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    # === REQUESTS === #

    def handle(self, handler):
        length = int(handler.headers.get("Content-Length") or 0)
        body = handler.rfile.read(length).decode()
        params = dict(parse_qsl(urlsplit(handler.path).query) + parse_qsl(body))
        with self.lock:
            self.calls.append(params.get("method"))
            fault = self.faults.pop(0) if self.faults else None
            if fault == "drop" or self.interrupt("before", fault):
                return handler.connection.close()
            answer = {"code": "20000", "sub_code": "ACQ.SYSTEM_ERROR", "msg": "later"}
            if fault != "500":
                answer = self.answer(params)
        if fault == "process_then_drop" or self.interrupt("after", fault):
            return handler.connection.close()
        if fault == "delay":
            time.sleep(0.3)
        content = self.signed(params["method"], answer, fault == "badsig")
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def deliver(self, handler):
        """Deliver a bill to whoever has its address."""
        content = self.bills.get(handler.path.rpartition("/")[2], b"")
        content = content[:-9] if self.bill_fault == "short" else content
        handler.send_response(200 if content else 404)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    @staticmethod
    def signed(method, answer, broken=False):
        """Return an answer whose text a careless reader gets wrong."""
        name = method.replace(".", "_") + "_response"
        if answer["code"] == "40002":
            return json.dumps({"error_response": answer}).encode()
        answer = {**answer, "body": f'}}"{name}":{{"{{\\', "list": [{"a": "}"}]}
        text = json.dumps(answer, ensure_ascii=False, indent=1)
        signature = sign(key_pair("alipay")[0], text + ("x" if broken else ""))
        return f'{{"{name}": {text} ,"sign":"{signature}"}}'.encode()

    @staticmethod
    def interrupt(when, fault):
        """Do what shall happen at this moment: a fault of ("before"|"after", call)."""
        if isinstance(fault, tuple) and fault[0] == when:
            fault[1]()
            return True
        return False

    def answer(self, params):
        try:
            self.authenticate(params)
            content = json.loads(params["biz_content"])
            verb = params["method"].removeprefix("alipay.trade.").replace(".", "_")
            if verb.startswith("alipay_data"):
                verb = "bill"
            return {
                "code": "10000",
                "msg": "Success",
                **getattr(self, f"do_{verb}")(content),
            }
        except Refusal as refusal:
            return {
                "code": refusal.code,
                "msg": "Business Failed",
                "sub_code": refusal.sub_code,
                "sub_msg": "交易被拒绝",
            }

    def authenticate(self, params):
        public = key_pair("application")[0].public_key()
        good = params.get("app_id") == APP_ID and verify(
            public, signed_text(params), params.get("sign")
        )
        if not good:
            raise Refusal("isv.invalid-signature", "40002")

    def open_browser(self, url):
        """Do what Alipay does when a browser opens a signed address."""
        params = dict(parse_qsl(urlsplit(url).query))
        self.authenticate(params)
        self.trade_for(json.loads(params["biz_content"]))
        return params

    def trade_for(self, content):
        assert content["product_code"] and content["subject"]
        number = content["out_trade_no"]
        trade = self.trades.setdefault(
            number,
            {
                "out_trade_no": number,
                "trade_no": f"2026{number}",
                "trade_status": "WAIT_BUYER_PAY",
                "total_amount": content["total_amount"],
            },
        )
        if trade["total_amount"] != content["total_amount"]:
            raise Refusal("ACQ.CONTEXT_INCONSISTENT")
        return trade

    def do_create(self, content):
        assert content.get("buyer_id") or content.get("buyer_open_id")
        return {"trade_no": self.trade_for(content)["trade_no"]}

    def do_precreate(self, content):
        # The trade comes to be when the code is scanned.
        return {"qr_code": f"https://qr.alipay.com/{secrets.token_hex(6)}"}

    def find(self, content):
        if content["out_trade_no"] not in self.trades:
            raise Refusal("ACQ.TRADE_NOT_EXIST")
        return self.trades[content["out_trade_no"]]

    def do_query(self, content):
        return self.find(content)

    def do_close(self, content):
        trade = self.find(content)
        if trade["trade_status"] != "WAIT_BUYER_PAY":
            raise Refusal("ACQ.TRADE_STATUS_ERROR")
        trade["trade_status"] = "TRADE_CLOSED"
        return {"trade_no": trade["trade_no"]}

    def do_refund(self, content):
        trade = self.find(content)
        number, amount = content["out_request_no"], Decimal(content["refund_amount"])
        known = number in self.refunds
        if not known:
            if not self.funds:
                raise Refusal("ACQ.SELLER_BALANCE_NOT_ENOUGH")
            if self.gone(content["out_trade_no"]) + amount > Decimal(
                trade["total_amount"]
            ):
                raise Refusal("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL")
            self.refunds[number] = {
                "out_trade_no": content["out_trade_no"],
                "out_request_no": number,
                "refund_amount": content["refund_amount"],
                "trade_no": trade["trade_no"],
            }
            self.moves.append(
                fake_bill.line(content["out_trade_no"], amount, refund=number)
            )
        # Not the amount of this refund, but of all of them.
        gone = self.gone(content["out_trade_no"])
        return {"fund_change": "N" if known else "Y", "refund_fee": str(gone)}

    def do_fastpay_refund_query(self, content):
        refund = self.refunds.get(content["out_request_no"])
        if not refund:
            return {}
        return {**refund, "refund_status": self.refund_status}

    def gone(self, number=None):
        """Return what went back, of a trade or of all."""
        return sum(
            Decimal(item["refund_amount"])
            for item in self.refunds.values()
            if number in (None, item["out_trade_no"])
        )

    def do_bill(self, content):
        day = content["bill_date"]
        found = [move for move in self.moves if move["完成时间"].startswith(day)]
        if not found or content["bill_type"] != "trade":
            raise Refusal("isp.bill_not_exist")
        token = secrets.token_hex(8)
        self.bills[token] = fake_bill.bill(found)
        base = self.url.rpartition("/")[0]
        if self.bill_fault == "elsewhere":
            base = "http://127.0.0.2:1"
        return {"bill_download_url": f"{base}/bills/{token}"}

    # === WHAT THE PAYER DOES, AND TELLING THE MERCHANT === #

    def pay(self, number, amount=None):
        trade = self.trades.setdefault(
            number,
            {
                "out_trade_no": number,
                "trade_no": f"2026{number}",
                "total_amount": amount,
            },
        )
        if trade.get("trade_status") != "TRADE_SUCCESS":
            self.moves.append(fake_bill.line(number, trade["total_amount"] or 0))
        trade["trade_status"] = "TRADE_SUCCESS"

    def notification(self, number, key="alipay", **changes):
        """Return the body of a notification about a trade."""
        params = {
            "notify_id": secrets.token_hex(16),
            "notify_time": "2026-01-01 12:00:00",
            "notify_type": "trade_status_sync",
            "charset": "utf-8",
            "version": "1.0",
            "app_id": APP_ID,
            "seller_id": SELLER_ID,
            "buyer_id": "2088111111111111",
            "subject": "清和茶室 & 茶+点",
            **self.trades[number],
            **changes,
        }
        params["sign"] = sign(key_pair(key)[0], signed_text(params))
        params["sign_type"] = "RSA2"
        return urlencode(params).encode()
