"""A teahouse that is paid through WeChat Pay and Alipay, or what stands in for them.

It has a database and an Odoo of its own beside the demo, so that the tests can pull
the plug, and stand-ins that verify, sign and keep account.
"""

import base64
import gzip
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg2
from client import Api, BackOffice, request, wait_for
from teahouse_setup.installation import Installation
from teahouse_setup.paths import Paths
from teahouse_setup.progress import Progress
from teahouse_setup.settings import free_port

from odoo.addons.payment_alipay.tests import fake_alipay
from odoo.addons.payment_alipay.tests import fake_bill as alipay_bill
from odoo.addons.payment_wechatpay.tests import fake_bill as wechat_bill
from odoo.addons.payment_wechatpay.tests import fake_wechatpay

DATABASE = "shop"
ADMIN_PASSWORD = "Teahouse-admin"
SETUP = Path(__file__).with_name("shop_setup.py")


class Shop:
    """The teahouse and its stand-ins.

    :param Path state: the state folder of ``config/test``
    """

    def __init__(self, state):
        paths = Paths.from_environment(state)
        self.installation = Installation(Progress(paths.setup_log), paths, fsync=False)
        self.installation.connect()
        self.log = paths.log / "shop.log"
        self.conf = paths.state / "shop.conf"
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.wechat = fake_wechatpay.FakeWechatpay().start()
        self.alipay = fake_alipay.FakeAlipay().start()
        self.process = None

    # Set up, start, stop

    def build(self):
        """Make the database: the demo's stores, and both providers."""
        databases, odoo = self.installation.databases, self.installation.odoo
        databases.copy(databases.template(), DATABASE)
        plain = self.installation.paths.state / "odoo-setup.conf"
        arguments = {
            "addons": odoo.addons(),
            "admin_password": ADMIN_PASSWORD,
            "base_url": self.base_url,
        }
        odoo.script(plain, DATABASE, "demo.py", **arguments)
        self.facts = odoo.script(plain, DATABASE, str(SETUP), **self._keys())
        odoo.write_conf(
            self.conf,
            DATABASE,
            http_port=self.port,
            gevent_port=free_port({self.port}),
            payment_wechatpay_url=self.wechat.url,
            payment_alipay_url=self.alipay.url,
        )

    @staticmethod
    def _keys():
        return {
            "wechatpay": {
                "wechatpay_mchid": fake_wechatpay.MCHID,
                "wechatpay_app_id": fake_wechatpay.APPID,
                "wechatpay_serial": fake_wechatpay.SERIAL,
                "wechatpay_private_key": fake_wechatpay.key_pair("merchant")[1],
                "wechatpay_api_v3_key": fake_wechatpay.API_V3_KEY,
                "wechatpay_platform_serial": fake_wechatpay.PLATFORM_SERIAL,
                "wechatpay_platform_key": fake_wechatpay.key_pair("platform")[2],
            },
            "alipay": {
                "alipay_app_id": fake_alipay.APP_ID,
                "alipay_seller_id": fake_alipay.SELLER_ID,
                "alipay_private_key": fake_alipay.key_pair("application")[1],
                "alipay_public_key": fake_alipay.key_pair("alipay")[2],
            },
        }

    def ensure(self):
        """Start Odoo unless it runs."""
        if not self.process or self.process.poll() is not None:
            self.start()

    def start(self):
        """Start Odoo and wait until it answers."""
        command = self.installation.odoo.command("-c", self.conf)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd="/",
                env={k: v for k, v in os.environ.items() if k != "ODOO_RC"},
                start_new_session=True,
            )
        wait_for(self._answers, "Odoo", seconds=90)

    def _answers(self):
        with suppress(OSError):
            return request(self.base_url, "GET", "/web/health").status == 200

    def kill(self):
        """Pull the plug."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        """End everything and remove the database."""
        if self.process:
            self.kill()
        self.wechat.stop()
        self.alipay.stop()
        self.installation.databases.drop(DATABASE)

    # Looking in

    def member(self, number=0):
        """Return a client of one of the demo's members."""
        phone = f"1380000000{number + 1}"
        return Api(self.base_url).login(phone, f"Teahouse-{number + 1}")

    @property
    def office(self):
        return BackOffice(self.base_url, DATABASE, "admin", ADMIN_PASSWORD)

    def sql(self, statement, *values):
        """Run a statement in the database and return its rows."""
        settings = self.installation.settings
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=settings.port("database"),
            dbname=DATABASE,
            user="teahouse",
            password=settings["database_password"],
        )
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    # What payers and gateways do

    def gateway(self, method):
        """Return the stand-in behind a method of the API."""
        return {"wechat": self.wechat, "alipay": self.alipay}[method]

    def pay(self, started):
        """Pay what the API has begun, at the stand-in; nobody is told yet."""
        number = started["reference"]
        if started["method"] == "wechat":
            self.wechat.pay(number)
        else:
            self.alipay.pay(number, started["amount"])

    def notify(self, started):
        """Tell Odoo that it was paid, as the gateway does.

        :rtype: Answer
        """
        number = started["reference"]
        if started["method"] == "wechat":
            headers, body = self.wechat.payment_notification(number)
        else:
            body = self.alipay.notification(number)
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
        provider_id = self.facts[started["method"]]
        name = {"wechat": "wechatpay"}.get(started["method"], "alipay")
        path = f"/payment/{name}/notify/{provider_id}"
        return request(self.base_url, "POST", path, body, headers)

    def quiet(self, seconds=60):
        """Wait until nothing is on its way any more; jobs that wait are run."""
        waiting = (
            "SELECT count(*) FROM payment_transaction"
            " WHERE (operation = 'refund' AND state IN ('draft', 'pending'))"
            " OR teahouse_closing OR (state = 'done' AND NOT is_post_processed)"
        )
        deadline = time.monotonic() + seconds
        while self.sql(waiting) != [(0,)]:
            assert time.monotonic() < deadline, self.sql(
                "SELECT reference, operation, state, state_message, teahouse_closing,"
                " is_post_processed FROM payment_transaction WHERE state <> 'done'"
            )
            for name in self.facts["jobs"]:
                with suppress(Exception):
                    self.office.call("ir.cron", "method_direct_trigger", [name])
            time.sleep(0.2)

    def bills(self):
        """Give the accountant the stand-ins' bills; return the statements' states."""
        files = {
            "wechat": wechat_bill.bill(self.wechat.moves),
            "alipay": alipay_bill.bill(self.alipay.moves),
        }
        for method, content in files.items():
            if not self.gateway(method).moves:
                continue
            wizard = self.office.call(
                "teahouse.statement.import",
                "create",
                {
                    "provider": str(self.facts[method]),
                    "file": base64.b64encode(content).decode(),
                },
            )
            self.office.call("teahouse.statement.import", "action_import", [wizard])
        return self.sql(
            "SELECT l.reference, l.state, l.why FROM teahouse_provider_statement_line l"
            " WHERE l.state <> 'matched'"
        )

    def moved(self, method):
        """Return what the stand-in has moved, in cents: payments less refunds."""
        if method == "wechat":
            read = _reader("payment_wechatpay", "wechatpay_bill")
            content = gzip.decompress(wechat_bill.bill(self.wechat.moves))
        else:
            read = _reader("payment_alipay", "alipay_bill")
            content = alipay_bill.bill(self.alipay.moves)
        return sum(int(entry["amount"] * 100) for entry in read(content))


def _reader(addon, module):
    name = f"odoo.addons.{addon}.tools.{module}"
    return __import__(name, fromlist=["read_bill"]).read_bill
