"""The running product, for the tests that look at it from outside.

``config/test`` gives a state folder with a PostgreSQL of its own; the fixtures start
everything else there with ``config/run``, as a user would.
"""

import json
import os
import subprocess
import uuid
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg2
import pytest
from client import Api, BackOffice, Devices

CHECKOUT = Path(__file__).resolve().parents[1]
START_SECONDS = 300


class Stack:
    """A running teahouse with a demo store.

    :param Path state: its state folder
    """

    def __init__(self, state):
        self.state = state
        self.workers = None
        self.demo = None

    def run(self, *arguments, check=True, program="run", checkout=CHECKOUT):
        """Call ``config/run``, or another program of that folder.

        :param Path checkout: of this version, or another one
        :rtype: subprocess.CompletedProcess
        """
        env = {
            name: value
            for name, value in os.environ.items()
            if name not in ("ODOO_RC", "PYTHONPATH") and not name.startswith("PG")
        }
        env |= {"TEAHOUSE_STATE": str(self.state), "TEAHOUSE_FSYNC": "off"}
        done = subprocess.run(
            [checkout / "config" / program, *map(str, arguments)],
            env=env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=START_SECONDS,
            check=False,
        )
        if check:
            assert done.returncode == 0, done.stdout + done.stderr
        return done

    def start(self, workers=0, checkout=CHECKOUT):
        """Start what is missing, with Odoo in threads or in so many processes."""
        self.run("--detach", "--workers", workers, checkout=checkout)
        self.workers = workers
        self.read_demo()

    def read_demo(self):
        """Read where everything is."""
        self.demo = json.loads((self.state / "demo.json").read_text(encoding="utf-8"))

    def ensure(self, workers=0):
        """Start unless it runs in this way already."""
        if self.workers != workers:
            self.start(workers)

    @property
    def base_url(self):
        return self.demo["base_url"]

    @property
    def public(self):
        """A client of the API that is nobody."""
        return Api(self.base_url)

    @property
    def devices(self):
        return Devices(self.demo["simulator_url"])

    def member(self, number=0):
        """Return a client of one of the demo's members."""
        return self.public.login(**self.demo["members"][number])

    def new_member(self):
        """Return a client of a member whom nobody knew before."""
        phone = f"139{uuid.uuid4().int % 10**8:08d}"
        return self.public.login_by_code(phone, self.demo["sms_file"])

    def office(self, role="owner"):
        """Return a client of the back office for a role."""
        user = next((u for u in self.demo["staff"] if u["role"] == role), None)
        user = user or self.demo["admin"]
        login = user["login"], user["password"]
        return BackOffice(self.base_url, self.demo["database"], *login)

    def sql(self, statement, *values):
        """Run a statement in the product's database and return its rows."""
        secrets = json.loads((self.state / "settings.json").read_text())
        server = {
            **self.demo["postgres"],
            "dbname": self.demo["database"],
            "user": "teahouse",
            "password": secrets["database_password"],
        }
        with closing(psycopg2.connect(**server)) as connection:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []

    def log_size(self):
        """Return how long Odoo's log is."""
        return (self.state / "log" / "odoo.log").stat().st_size

    @contextmanager
    def no_traceback(self):
        """Fail when Odoo logs a traceback meanwhile."""
        before = self.log_size()
        yield
        with (self.state / "log" / "odoo.log").open("rb") as log:
            log.seek(before)
            text = log.read().decode(errors="replace")
        assert "Traceback" not in text, text[-3000:]

    def slot(self, days, hour=14, hours=2, room=0):
        """Return the times of a stay some days ahead, for ``POST /bookings``.

        Tests take different days, so that none meets another's bookings.
        """
        rooms = [room["id"] for store in self.demo["stores"] for room in store["rooms"]]
        now = datetime.now(ZoneInfo("Asia/Shanghai"))
        start = now.replace(hour=hour, minute=0, second=0, microsecond=0)
        start += timedelta(days=days)
        end = start + timedelta(hours=hours)
        return {
            "room_id": rooms[room],
            "start": start.isoformat(),
            "end": end.isoformat(),
        }


@pytest.fixture(scope="session")
def _stack():
    state = os.environ.get("TEAHOUSE_TEST_STATE")
    if not state:
        raise pytest.UsageError("These tests are run by config/test.")
    return Stack(Path(state))


@pytest.fixture
def stack(_stack):
    """The product as ``config/run`` starts it."""
    _stack.ensure()
    return _stack


@pytest.fixture
def workers_stack(_stack):
    """The product with several Odoo processes behind nginx."""
    _stack.ensure(workers=8)
    return _stack


@pytest.fixture(scope="session")
def _shop(_stack):
    from shop import Shop

    shop = Shop(_stack.state)
    try:
        shop.build()
        yield shop
    finally:
        shop.close()


@pytest.fixture
def shop(_shop):
    """A teahouse of its own, with stand-ins of WeChat Pay and Alipay."""
    _shop.ensure()
    return _shop


@pytest.fixture
def phone(stack):
    """A guest's phone with the app, which complains about nothing."""
    from phone import PHONE, Phone
    from teahouse_setup.browser import Browser

    with Browser(**PHONE) as browser:
        phone = Phone(browser, stack.base_url)
        yield phone
        assert browser.run("window.complaints") == []
