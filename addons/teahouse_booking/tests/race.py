"""Real concurrent transactions for tests: several connections, real commits."""

import secrets
import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name

from odoo.addons.teahouse_base.exceptions import TeahouseError

from .common import without_upper_addons


class RaceCase(BaseCase):
    """A store of its own, committed, and taken away afterwards."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        # Losers are tried again at once: the waiting is not what is tested.
        sleep = patch("odoo.service.model.time.sleep")
        sleep.start()
        self.addCleanup(sleep.stop)
        without_upper_addons(self, self.registry)
        self.ids = self.run_alone(self._make)
        self.addCleanup(self.run_alone, self._remove)

    def run_alone(self, step):
        """Run a step in a transaction of its own, as a request is run."""
        with db_connect(self.registry.db_name).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            result = retrying(lambda: step(env), env)
            cr.commit()  # pylint: disable=invalid-commit
            return result

    def _make(self, env):
        store = env["teahouse.store"].create(
            {
                "name": "Race track",
                "company_id": env.company.id,
                "latitude": 30.1,
                "longitude": 120.1,
            }
        )
        rooms = env["teahouse.room"].create(
            [{"name": f"Lane {i}", "store_id": store.id, "capacity": 9} for i in (1, 2)]
        )
        members = env["teahouse.member"]
        for number in range(2):
            phone = f"1359{secrets.randbelow(10**7):07d}"
            members |= members._enrol(phone, name=f"Runner {number}")
        return {"store": store.id, "rooms": rooms.ids, "members": members.ids}

    def _remove(self, env):
        members = env["teahouse.member"].browse(self.ids["members"])
        users, partners = members.user_id, members.partner_id
        bookings = env["teahouse.booking"].search(
            [("store_id", "=", self.ids["store"])]
        )
        for query in (
            "DELETE FROM teahouse_notification WHERE member_id = ANY(%(members)s)",
            "DELETE FROM teahouse_audit WHERE store_id = %(store)s"
            " OR user_id = ANY(%(users)s)"
            " OR (model = 'teahouse.member' AND res_id = ANY(%(members)s))",
        ):
            env.cr.execute("SET LOCAL teahouse.audit_retention = 'on'")
            env.cr.execute(query, {**self.ids, "users": users.ids})
        bookings.unlink()
        # Members are erased, not deleted, but these never were anybody.
        env.cr.execute("DELETE FROM teahouse_member WHERE id = ANY(%s)", [members.ids])
        env.invalidate_all()
        users.unlink()
        partners.unlink()
        env["teahouse.room"].browse(self.ids["rooms"]).unlink()
        env["teahouse.store"].browse(self.ids["store"]).unlink()

    def book(self, env, start=60, minutes=120, room=0, confirm=True, member=0):
        """Create a stay that begins some minutes from now."""
        begin = fields.Datetime.now() + timedelta(minutes=start)
        booking = env["teahouse.booking"].create(
            {
                "room_id": self.ids["rooms"][room],
                "member_id": self.ids["members"][member],
                "start": begin,
                "end": begin + timedelta(minutes=minutes),
                "people": 1,
            }
        )
        if confirm:
            booking.action_confirm()
        return booking.id

    def step(self, booking_id, verb, *args):
        """Return a step that calls a method of a booking."""

        def run(env):
            booking = env["teahouse.booking"].browse(booking_id)
            # As a request does: read before the step takes its locks.
            booking.read(["state", "end"])
            return getattr(booking, verb)(*args)

        return run

    def race(self, *steps):
        """Run steps at once, each on a connection of its own.

        :return: for each step ``won``, the code of its refusal, or the error itself
        """
        start = threading.Barrier(len(steps))
        outcomes = [None] * len(steps)

        def run(index, step):
            def snapshot_first(env):
                env.cr.execute("SELECT 1 FROM teahouse_store LIMIT 1")
                if not ready:
                    ready.append(True)
                    start.wait(30)
                return step(env)

            ready = []
            try:
                self.run_alone(snapshot_first)
                outcomes[index] = "won"
            except TeahouseError as error:
                outcomes[index] = error.code
            except Exception as error:  # noqa: BLE001  the test shows what it was
                outcomes[index] = repr(error)

        threads = [
            threading.Thread(target=run, args=pair, daemon=True)
            for pair in enumerate(steps)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return outcomes

    def look(self, booking_id, *names):
        """Return fields of a booking as they are committed."""
        return self.run_alone(
            lambda env: tuple(
                env["teahouse.booking"].browse(booking_id)[n] for n in names
            )
        )
