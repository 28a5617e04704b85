"""Clients of the running product, from outside: API, back office, devices.

Standard library only, so that ``config/run --journey`` needs no packages.
"""

import http.client
import json
import time
import urllib.parse
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

PREFIX = "/teahouse/api/v1"


class ApiError(Exception):
    """An answer that was not expected."""


@dataclass
class Answer:
    """What came back.

    :param seconds: from the request's first byte to the answer's last
    """

    status: int
    headers: dict
    content: bytes
    seconds: float

    @property
    def body(self):
        """Return the JSON, None without a body."""
        return json.loads(self.content) if self.content else None

    @property
    def code(self):
        """Return a problem's code, None when it is none."""
        kind = self.headers.get("content-type", "")
        return self.body["code"] if kind == "application/problem+json" else None


def request(base_url, method, path, body=None, headers=None, timeout=60):
    """Send one request.

    :param body: JSON-able, or bytes that go as they are
    :rtype: Answer
    """
    url = urllib.parse.urlsplit(base_url)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=timeout)
    try:
        begun = time.monotonic()
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        content = response.read()
        seconds = time.monotonic() - begun
    finally:
        connection.close()
    names = {}
    for name, value in response.getheaders():
        names.setdefault(name.lower(), value)
    return Answer(response.status, names, content, seconds)


class Api:
    """The mini-program's API, as one person uses it.

    :param str token: a member's, None for nobody's
    """

    def __init__(self, base_url, token=None, language="en"):
        self.base_url = base_url
        self.token = token
        self.language = language

    def send(self, method, path, body=None, key=None, **query):
        """Send a request and return whatever comes back.

        :param str key: idempotency key
        :rtype: Answer
        """
        headers = {"Accept-Language": self.language}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        query = {name.rstrip("_"): value for name, value in query.items()}
        target = PREFIX + path
        if query:
            target += "?" + urllib.parse.urlencode(query)
        return request(self.base_url, method, target, body, headers)

    def get(self, path, **query):
        """Return the JSON of a GET.

        :raise ApiError: any status but 200
        """
        return self._expect(self.send("GET", path, **query), 200, f"GET {path}")

    def post(self, path, body=None, expect=None, key=None):
        """Return the JSON of a POST; each call is a new request with a key of its own.

        :param int expect: the status that is right, any of 2xx without it
        :raise ApiError: another status
        """
        key = key or str(uuid.uuid4())
        answer = self.send("POST", path, {} if body is None else body, key=key)
        return self._expect(answer, expect, f"POST {path}")

    @staticmethod
    def _expect(answer, status, what):
        right = answer.status == status if status else 200 <= answer.status < 300
        if not right:
            text = answer.content.decode(errors="replace")[:500]
            raise ApiError(f"{what}: {answer.status} {text}")
        return answer.body

    # Ways to log in

    def login(self, phone, password):
        """Return a client of a member who logs in with the password."""
        body = {"grant": "password", "phone": phone, "password": password}
        token = self.post("/auth/sessions", body)["token"]
        return Api(self.base_url, token, self.language)

    def login_by_code(self, phone, sms_file):
        """Return a client of a member, new or known, who proves the phone number."""
        seen = len(sms_lines(sms_file))
        self.post("/auth/sms-codes", {"phone": phone, "purpose": "login"}, expect=202)
        code = wait_for(lambda: _code(sms_file, phone, seen), f"an SMS to {phone}")
        body = {"grant": "sms", "phone": phone, "code": code}
        token = self.post("/auth/sessions", body)["token"]
        return Api(self.base_url, token, self.language)


def sms_lines(sms_file):
    """Return the captured SMS, oldest first.

    :rtype: list[dict]
    """
    file = Path(sms_file)
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def _code(sms_file, phone, seen):
    for line in sms_lines(sms_file)[seen:]:
        if line["phone"].endswith(phone[-11:]) and line.get("code"):
            return line["code"]
    return None


class BackOffice:
    """Odoo's back office over JSON-RPC, as a member of staff uses it."""

    def __init__(self, base_url, database, login, password):
        self.base_url = base_url
        values = {"db": database, "login": login, "password": password}
        answer = self._send("/web/session/authenticate", values, {})
        self.uid = self._result(answer)["uid"]
        self.session = answer.headers["set-cookie"].split(";")[0]

    def call(self, model, method, *args, **kwargs):
        """Call a model's method.

        :raise ApiError: Odoo answers with an error
        """
        path = f"/web/dataset/call_kw/{model}/{method}"
        values = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self._result(self._send(path, values, {"Cookie": self.session}))

    def read(self, model, domain, fields, **kwargs):
        """Search and read records.

        :rtype: list[dict]
        """
        return self.call(model, "search_read", domain, fields, **kwargs)

    def _send(self, path, values, headers):
        body = {"jsonrpc": "2.0", "method": "call", "params": values}
        return request(self.base_url, "POST", path, body, headers)

    @staticmethod
    def _result(answer):
        body = answer.body
        if "error" in body:
            data = body["error"].get("data") or {}
            raise ApiError(f"{data.get('name')}: {data.get('message')}")
        return body.get("result")


class Devices:
    """The simulator's control port: what the room did."""

    def __init__(self, url):
        self.url = url

    def device(self, uid):
        """Return what a device did and how it stands."""
        return request(self.url, "GET", f"/devices/{uid}").body

    def faults(self, uid, **values):
        """Break a device; ``reset=True`` heals it."""
        return request(self.url, "POST", f"/devices/{uid}/faults", values).body

    def press(self, uid, pin):
        """Type a PIN at a lock."""
        return request(self.url, "POST", f"/devices/{uid}/press", {"pin": pin}).body

    def executed(self, uid, act):
        """Return how often a device carried out an act.

        :rtype: list[dict]
        """
        return [item for item in self.device(uid)["executed"] if item["act"] == act]

    def is_on(self, uid, level):
        """Tell whether a device's power, light or air conditioning is on."""
        state = self.device(uid)["levels"].get(level) or {}
        return bool(state.get("on"))


def wait_for(condition, what, seconds=20):
    """Return the first truthy value of a condition.

    :raise ApiError: it did not come in time
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise ApiError(f"Waited {seconds} s for {what}.")
        time.sleep(0.05)


def next_start(now, slot_minutes):
    """Return the next instant on a room's start grid.

    :param datetime now: aware, on the store's clock
    """
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    minutes = int((now - midnight).total_seconds() // 60) + 1
    steps = -(-minutes // slot_minutes)
    return midnight + timedelta(minutes=steps * slot_minutes)


def parse(text):
    """Return the instant of an ISO text."""
    return datetime.fromisoformat(text)
