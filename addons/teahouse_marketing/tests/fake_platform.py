"""A stand-in of a group-buy platform that checks signatures and keeps its rules."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ..tools.voucher_api import CLIENTS, check_signature


class FakePlatform:
    """Over HTTP on the loopback interface.

    :attr dict codes: code -> {"product", "paid", "settle", "state"}
    :attr list seen: (verb, parameters) of accepted requests
    :attr list faults: for the next requests: ``drop`` after doing, or None
    """

    def __init__(self, secret, platform="meituan"):
        fake = self
        self.secret, self.codes, self.seen, self.faults = secret, {}, [], []
        self.done, self.numbers, self.too_late = {}, {}, False
        self.verbs = {path: verb for verb, path in CLIENTS[platform].paths.items()}

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                fake._serve(self)

            def log_message(self, *args):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def sell(self, code, product="P1", paid="88.00", settle="80.00"):
        self.codes[code] = {
            "product": product,
            "paid": paid,
            "settle": settle,
            "state": "sold",
        }

    def _serve(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        fault = self.faults.pop(0) if self.faults else None
        if not check_signature(self.secret, handler.path, handler.headers, body):
            status, answer = 401, {"error": "signature"}
        else:
            values = json.loads(body)
            verb = self.verbs[handler.path]
            self.seen.append((verb, values))
            status, answer = getattr(self, f"_{verb}")(values)
        if fault == "drop":
            status, answer = 502, {}
        data = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _prepare(self, values):
        sold = self.codes.get(values["code"])
        if not sold:
            return 400, {"error": "unknown"}
        if sold["state"] != "sold":
            return 400, {"error": "used"}
        return 200, {"token": "t", "name": "Tea", **sold}

    def _verify(self, values):
        if values["request_id"] in self.done:
            return 200, self.done[values["request_id"]]
        sold = self.codes[values["code"]]
        if sold["state"] != "sold":
            return 400, {"error": "used"}
        sold["state"] = "used"
        number = f"N{len(self.done) + 1}"
        self.numbers[number] = values["code"]
        answer = {"number": number, "reverse_seconds": 3600}
        self.done[values["request_id"]] = answer
        return 200, answer

    def _reverse(self, values):
        if self.too_late:
            return 400, {"error": "too_late"}
        self.codes[self.numbers[values["number"]]]["state"] = "sold"
        return 200, {}
