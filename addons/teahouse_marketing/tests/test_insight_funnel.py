"""From a look at a store to the next stay: noted in memory, counted by people."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from freezegun import freeze_time

from odoo.tests import BaseCase, tagged

from odoo.addons.teahouse_billing.tests.money_common import MoneyCommon

from ..models import teahouse_insight_step as steps_module
from ..tools.steps import Step, StepBuffer
from .common import MarketingCommon, StayCommon

NOON = datetime(2026, 3, 9, 4)


class TestStepBuffer(BaseCase):
    def step(self, dbname="one", number=1):
        return Step(dbname, "seen", number, NOON, "somebody")

    def test_writes_once_by_database(self):
        written = {}
        buffer = StepBuffer(written.__setitem__)
        for step in (self.step(), self.step("two"), self.step(number=2)):
            buffer.add(step)
        self.assertFalse(written, "a request never writes")
        self.assertEqual(buffer.flush(), 3)
        self.assertEqual(written["one"], [self.step(), self.step(number=2)])
        self.assertEqual(written["two"], [self.step("two")])
        self.assertEqual(buffer.flush(), 0)

    def test_a_database_that_is_away_stops_nobody(self):
        written = []

        def write(dbname, steps):
            if dbname == "one":
                raise ConnectionError
            written.append(steps)

        buffer = StepBuffer(write)
        buffer.add(self.step())
        buffer.add(self.step("two"))
        with self.assertLogs("odoo.addons.teahouse_marketing.tools.steps") as logs:
            buffer.flush()
        self.assertEqual(len(logs.output), 1)
        self.assertEqual(written, [[self.step("two")]])

    def test_memory_is_bounded(self):
        buffer = StepBuffer(lambda *_args: None, most=3)
        for number in range(9):
            buffer.add(self.step(number=number))
        self.assertEqual(buffer.flush(), 3)


@tagged("post_install", "-at_install")
class TestFunnel(MarketingCommon, MoneyCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.steps = cls.env["teahouse.insight.step"]
        cls.facts = cls.env["teahouse.insight.fact"]
        with freeze_time("2026-01-01"):
            cls.facts._refresh(everything=True)

    def look(self, who, kind="seen", at=NOON, store=None):
        step = Step(self.cr.dbname, kind, (store or self.store).id, at, who)
        return self.steps._write_steps([step])

    def book(self, made, start, member=None, source="h5", **values):
        booking = self.make_booking(
            start=start, amount=0, member=member or self.member, source=source
        )
        self.env.flush_all()
        # The clock of a creation is the database's own.
        self.cr.execute(
            "UPDATE teahouse_booking SET create_date = %s WHERE id = %s",
            (made, booking.id),
        )
        booking.write(values)
        return booking

    def funnel(self, store=None):
        rows = self.env["teahouse.insight.funnel"].search(
            [("store_id", "=", (store or self.store).id)], order="local_day"
        )
        names = ("seen", "quoted", "held", "paid", "came", "returned")
        return {
            str(row.local_day): [row[name] for name in names]
            for row in rows
            if any(row[name] for name in names)
        }

    @freeze_time("2026-03-10 04:00:00")
    def test_people_are_counted_by_local_day(self):
        for who in ("ann", "ann", "bob", "cid"):
            self.look(who)
        self.look("ann", "quoted")
        # 16:30 UTC is the next day in Shanghai.
        self.look("ann", at=datetime(2026, 3, 9, 16, 30))
        self.look("ann", store=self.other_store)
        self.book(NOON, datetime(2026, 3, 9, 6), confirmed_at=NOON, checked_in_at=NOON)
        self.book(NOON, datetime(2026, 3, 11, 6), confirmed_at=NOON)
        self.book(NOON, datetime(2026, 3, 12, 6), self.member_2)
        self.book(NOON, datetime(2026, 3, 13, 6), self.member_2, source="staff")
        self.facts._refresh()
        wanted = {"2026-03-09": [3, 1, 2, 1, 1, 0], "2026-03-10": [1, 0, 0, 0, 0, 0]}
        self.assertEqual(self.funnel(), wanted)
        self.assertEqual(self.funnel(self.other_store)["2026-03-09"][0], 1)
        self.facts._refresh()
        self.assertEqual(self.funnel(), wanted)
        self.facts._refresh(everything=True)
        self.assertEqual(self.funnel(), wanted)
        found = self.env["teahouse.insight"].with_user(self.user_owner)
        found = found.load(self.store.id, 7)["funnel"]
        self.assertEqual([one["people"] for one in found], wanted["2026-03-09"])
        self.assertEqual(found[2], {"stage": "held", "people": 2})

    @freeze_time("2026-03-10 04:00:00")
    def test_coming_again_counts_on_the_day_of_the_first_booking(self):
        first = NOON - timedelta(days=60)
        self.book(first, first, confirmed_at=first, checked_in_at=first)
        self.facts._refresh(everything=True)
        day = str(self.store._local(first).date())
        self.assertEqual(self.funnel()[day], [0, 0, 1, 1, 1, 0])
        self.book(NOON, NOON, confirmed_at=NOON, checked_in_at=NOON)
        self.facts._refresh()
        self.assertEqual(self.funnel()[day], [0, 0, 1, 1, 1, 1])
        self.assertEqual(self.funnel()["2026-03-09"], [0, 0, 1, 1, 1, 0])

    @freeze_time("2026-03-10 04:00:00")
    def test_single_steps_go_and_their_sums_stay(self):
        self.look("ann", at=NOON - timedelta(days=70))
        self.look("ann")
        day = str(self.store._local(NOON - timedelta(days=70)).date())
        # Counted while it was kept.
        with freeze_time("2026-01-05 04:00:00"):
            self.facts._refresh(everything=True)
        self.steps._gc_old_steps()
        kept = self.steps.search([("store_id", "=", self.store.id)])
        self.assertEqual(kept.mapped("local_day"), [datetime(2026, 3, 9).date()])
        self.facts._refresh(everything=True)
        self.assertEqual(self.funnel()[day][0], 1)

    @freeze_time("2026-03-10 04:00:00")
    def test_a_mark_says_nothing_about_the_visitor(self):
        self.look("203.0.113.7 Safari")
        self.look("203.0.113.7 Safari", at=NOON + timedelta(days=1))
        marks = self.steps.search([("store_id", "=", self.store.id)]).mapped("visitor")
        self.assertEqual(len(set(marks)), 2)
        self.assertFalse([mark for mark in marks if "203" in mark or "Saf" in mark])

    def test_nobody_waits_while_a_step_is_noted(self):
        taken = []
        buffer = StepBuffer(lambda _db, found: taken.extend(found))
        self.patch(steps_module, "buffer", buffer)
        http = SimpleNamespace(remote_addr="::1", user_agent=SimpleNamespace(string=""))
        request = SimpleNamespace(teahouse_session=None, httprequest=http)
        self.patch(steps_module, "request", request)
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            self.steps._note("seen", self.store)
            request.teahouse_session = object()
            self.steps._note("seen", self.store)
        buffer.flush()
        self.assertEqual([step.who for step in taken], ["::1 ", f"user {self.env.uid}"])

    @freeze_time("2026-03-10 04:00:00")
    def test_each_sees_own_stores(self):
        self.look("ann")
        self.look("ann", store=self.other_store)
        self.facts._refresh()
        funnel = self.env["teahouse.insight.funnel"]
        mine = funnel.with_user(self.user_manager).search([])
        self.assertEqual(mine.store_id, self.store)
        for user in (self.user_owner, self.user_accountant):
            seen = funnel.with_user(user).search([]).store_id
            self.assertIn(self.other_store, seen)
        for role in ("staff", "cleaner", "technician", "portal"):
            user = getattr(self, f"user_{role}")
            self.assertFalse(funnel.with_user(user).has_access("read"))
        for role in ("manager", "accountant", "portal"):
            user = getattr(self, f"user_{role}")
            self.assertFalse(self.steps.with_user(user).has_access("read"))


@tagged("post_install", "-at_install")
class TestFunnelApi(StayCommon):
    def test_the_app_leaves_steps_and_no_query(self):
        steps_module.buffer.flush()
        taken = []
        self.patch(steps_module, "buffer", StepBuffer(lambda _db, s: taken.extend(s)))
        self.call("GET", f"/stores/{self.store.id}", status=200)
        self.call("GET", f"/rooms/{self.room.id}", status=200)
        self.quote_api()
        self.api("GET", f"/stores/{self.store.id}")
        rows = self.env["teahouse.insight.step"].search_count([])
        steps_module.buffer.flush()
        self.assertEqual(self.env["teahouse.insight.step"].search_count([]), rows)
        found = [(step.kind, step.store_id) for step in taken]
        wanted = [("seen", self.store.id)] * 2 + [("quoted", self.store.id)]
        self.assertEqual(found, [*wanted, ("seen", self.store.id)])
        who = [step.who for step in taken]
        self.assertEqual(who[0], f"user {self.member.user_id.id}")
        self.assertEqual(len(set(who)), 2, "who is not signed in is another one")
        written = self.env["teahouse.insight.step"]._write_steps(taken)
        self.assertEqual(written, 3)
