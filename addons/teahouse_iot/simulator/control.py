"""Control port of the simulator: look at devices, break them, use them.

JSON over HTTP, for the local host only:

- ``GET /`` counts, ``GET /devices``, ``GET /devices/<uid>``
- ``POST /devices`` a device's spec: adds it
- ``POST /devices/<uid>/faults`` the faults to change, ``{"reset": true}`` heals all
- ``POST /devices/<uid>/press`` ``{"pin"}``, ``…/scan`` ``{"text"}``
- ``POST /devices/<uid>/event`` ``{"ev", "sev", …}``
- ``POST /devices/<uid>/readings`` readings to fix, ``{"reset": true}`` frees them
- ``POST /devices/<uid>/publish`` ``{"channel", "text"}``: any payload, to be rude
"""

import json
import threading
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .device import Faults


class Control:
    """The verbs of the control port.

    :param Fleet fleet: runs in its own thread
    """

    def __init__(self, fleet):
        self.fleet = fleet

    def get(self, parts):
        """Answer a GET.

        :raise KeyError: no such thing
        """
        if not parts:
            return self.fleet.call(self.fleet.counts)
        if parts == ["devices"]:
            uids = sorted(self.fleet.stations)
            return {"devices": self.fleet.call(lambda: [self._seen(u) for u in uids])}
        if len(parts) == 2 and parts[0] == "devices":
            return self.fleet.call(self._seen, parts[1])
        raise KeyError("/".join(parts))

    def post(self, parts, body):
        """Answer a POST.

        :raise KeyError: no such thing
        :raise ValueError: a body that makes no sense
        """
        if parts == ["devices"]:
            self.fleet.call(self.fleet.add, body)
            return {"uid": body["uid"]}
        verb = getattr(self, f"_post_{parts[2]}", None) if len(parts) == 3 else None
        if verb is None:
            raise KeyError("/".join(parts))
        return self.fleet.call(verb, parts[1], body)

    def _seen(self, uid):
        station = self.fleet.stations[uid]
        return {**station.device.snapshot(), "online": station.online}

    def _post_faults(self, uid, body):
        if body.pop("reset", False):
            body = {**asdict(Faults()), **body}
        self.fleet.set_faults(uid, body)
        return self._seen(uid)

    def _post_press(self, uid, body):
        event = self.fleet.stations[uid].device.press(str(body["pin"]))
        self.fleet.publish(uid, "evt", event)
        return json.loads(event)

    def _post_scan(self, uid, body):
        station = self.fleet.stations[uid]
        event = station.device.scan(str(body["text"]), station.online)
        return {"published": self.fleet.publish(uid, "evt", event)}

    def _post_event(self, uid, body):
        event = self.fleet.stations[uid].device.event(body.pop("ev"), **body)
        return {"published": self.fleet.publish(uid, "evt", event)}

    def _post_readings(self, uid, body):
        self.fleet.stations[uid].device.force(body)
        self.fleet.report(uid)
        return self._seen(uid)

    def _post_publish(self, uid, body):
        payload = body["text"].encode("utf-8", "surrogateescape")
        return {"published": self.fleet.publish(uid, body["channel"], payload)}


class _Handler(BaseHTTPRequestHandler):
    control = None

    def do_GET(self):  # noqa: N802 (the library's name)
        self._serve(lambda parts: self.control.get(parts))

    def do_POST(self):  # noqa: N802
        length = int(self.headers.get("Content-Length") or 0)
        text = self.rfile.read(length)

        def answer(parts):
            body = json.loads(text or b"{}")
            if not isinstance(body, dict):
                raise ValueError("A JSON object is expected")
            return self.control.post(parts, body)

        self._serve(answer)

    def _serve(self, answer):
        parts = [part for part in self.path.split("?")[0].split("/") if part]
        try:
            status, values = 200, answer(parts)
        except KeyError as error:
            status, values = 404, {"error": f"not found: {error}"}
        except (ValueError, TypeError) as error:
            status, values = 400, {"error": str(error)}
        content = json.dumps(values, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_args):
        """Keep quiet: tests poll this port."""


def serve(fleet, port, host="127.0.0.1"):
    """Serve the control port in a thread.

    :param int port: 0 takes a free one
    :return: the server; ``server_address[1]`` is the port
    """
    handler = type("Handler", (_Handler,), {"control": Control(fleet)})
    server = ThreadingHTTPServer((host, port), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
