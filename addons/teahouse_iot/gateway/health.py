"""``/health`` and ``/metrics`` of a gateway, for supervisors on the same host."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class _Handler(BaseHTTPRequestHandler):
    gateway = None

    def do_GET(self):  # noqa: N802 (the library's name)
        if self.path == "/metrics":
            text = self.gateway.metrics.render()
            self._send(200, text, "text/plain; version=0.0.4; charset=utf-8")
        elif self.path == "/health":
            values = self.gateway.health()
            status = 200 if values["ok"] else 503
            self._send(status, json.dumps(values), "application/json")
        else:
            self._send(404, '{"error": "not found"}', "application/json")

    def _send(self, status, text, content_type):
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """Keep quiet: this is polled."""


def serve(gateway, port, host="127.0.0.1"):
    """Serve in a thread.

    :param int port: 0 takes a free one
    :return: the server; ``server_address[1]`` is the port
    """
    handler = type("Handler", (_Handler,), {"gateway": gateway})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
