import threading
from unittest.mock import MagicMock, patch

from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models import teahouse_live
from ..tools.courier import Courier

LONG = 20


@tagged("post_install", "-at_install")
class TestLive(TransactionCase):
    """Open screens hear of changes, without anyone waiting for it."""

    def setUp(self):
        super().setUp()
        self.env.cr.precommit.run()
        self.sent = []
        bus = type(self.env["bus.bus"])
        patcher = patch.object(bus, "_sendone", lambda s, *args: self.sent.append(args))
        patcher.start()
        self.addCleanup(patcher.stop)

    def tell(self):
        live, company = self.env["teahouse.live"], self.env.company
        live._tell(company, "changed", rooms=[3, 1])
        live._tell((company, "wall"), "changed", rooms=[7])
        live._tell(company, "changed", rooms=[2, 3])

    def channel(self, *more):
        return (self.env.cr.dbname, "res.company", self.env.company.id, *more)

    def test_once_a_transaction(self):
        self.tell()
        self.assertFalse(self.sent)
        self.env.cr.precommit.run()
        self.assertEqual(
            self.sent,
            [
                (self.channel(), "changed", {"rooms": [1, 2, 3]}),
                (self.channel("wall"), "changed", {"rooms": [7]}),
            ],
        )

    def test_a_request_leaves_it_to_the_courier(self):
        hooks = self.env.cr.postcommit
        self.addCleanup(hooks.clear)
        with (
            patch.object(teahouse_live, "request", MagicMock()),
            patch.object(teahouse_live.modules.module, "current_test", None),
            patch.object(teahouse_live, "courier") as courier,
        ):
            self.tell()
            self.env.cr.precommit.run()
            courier.hand.assert_not_called()
            hooks.run()
        self.assertFalse(self.sent)
        ((database, told), _kwargs) = courier.hand.call_args
        self.assertEqual(database, self.env.cr.dbname)
        self.assertEqual(told[self.channel(), "changed"], {"rooms": {1, 2, 3}})

    def test_what_comes_together_travels_together(self):
        travelled, arrived, released = [], threading.Semaphore(0), threading.Event()

        class Slow(Courier):
            def _send(self, database, told):
                travelled.append((database, told))
                arrived.release()
                released.wait(LONG)

        slow = Slow()
        slow.hand("a", {("c", "t"): {"ids": {1}}})
        self.assertTrue(arrived.acquire(timeout=LONG))
        # The thread is on its way: what is handed over now waits for its return.
        for number in range(50):
            slow.hand("a", {("c", "t"): {"ids": {number}}})
        slow.hand("b", {("c", "t"): {"ids": {9}}})
        released.set()
        for _database in "ab":
            self.assertTrue(arrived.acquire(timeout=LONG))
        self.assertEqual(
            travelled[1:],
            [
                ("a", {("c", "t"): {"ids": set(range(50))}}),
                ("b", {("c", "t"): {"ids": {9}}}),
            ],
        )

    def test_a_database_that_is_gone_stops_no_other(self):
        with (
            patch("odoo.addons.teahouse_base.tools.courier.Registry") as registry,
            mute_logger("odoo.addons.teahouse_base.tools.courier"),
        ):
            registry.side_effect = RuntimeError("gone")
            Courier()._send("gone", {})
        registry.assert_called_once_with("gone")
