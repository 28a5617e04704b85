import threading
import time
from collections import Counter
from datetime import UTC, timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL

from ..models.teahouse_booking_create import ROOM_LOCK
from .race import RaceCase

ROUNDS = 3


@tagged("post_install", "-at_install", "race")
class TestRaces(RaceCase):
    """Exactly one wins, the other hears why, and nothing is left half done."""

    def blocking(self, env):
        return env["teahouse.booking"].search(
            [
                ("store_id", "=", self.ids["store"]),
                ("state", "in", ("hold", "confirmed", "in_use", "completed")),
            ]
        )

    def assert_no_overlap(self):
        def check(env):
            spans = sorted(
                (booking.room_id.id, booking.blocked_from, booking.blocked_until)
                for booking in self.blocking(env)
            )
            for first, second in zip(spans, spans[1:], strict=False):
                if first[0] == second[0]:
                    self.assertLessEqual(first[2], second[1])

        self.run_alone(check)

    def test_same_slot(self):
        """Twenty want one slot, shifted by some minutes each."""
        for number in range(ROUNDS):
            start = 60 + 300 * number
            outcomes = self.race(
                *(
                    lambda env, shift=i, start=start: self.book(
                        env, start=start + shift, confirm=False, member=shift % 2
                    )
                    for i in range(20)
                )
            )
            self.assertEqual(Counter(outcomes), {"won": 1, "slot_taken": 19})
        self.assert_no_overlap()

    def test_same_slot_behind_a_stale_hold(self):
        """The hold that ran out is in everybody's way, and its job is late."""
        stale = self.run_alone(lambda env: self.book(env, confirm=False))
        self.run_alone(
            lambda env: (
                env["teahouse.booking"]
                .browse(stale)
                .write(
                    {"hold_expires_at": fields.Datetime.now() - timedelta(minutes=1)}
                )
            )
        )
        outcomes = self.race(
            *(lambda env: self.book(env, confirm=False) for _i in range(10))
        )
        self.assertEqual(Counter(outcomes), {"won": 1, "slot_taken": 9})
        self.assertEqual(self.look(stale, "state"), ("expired",))

    def test_who_waits_for_the_room_sees_what_came_of_it(self):
        """A request that waited is refused by its look, not by the constraint."""
        begin = fields.Datetime.now().replace(second=0) + timedelta(hours=1)
        body = SimpleNamespace(
            room_id=self.ids["rooms"][0],
            start=begin.replace(tzinfo=UTC),
            end=(begin + timedelta(hours=2)).replace(tzinfo=UTC),
        )
        locked = threading.Event()

        def winner(env):
            env["teahouse.booking"]._lock_rooms([body.room_id])
            locked.set()
            time.sleep(0.3)
            return self.book(env, confirm=False)

        def loser(env):
            locked.wait(10)
            env["teahouse.booking"]._api_admit(body)
            raise AssertionError("let in to a room that is taken")

        self.assertEqual(self.race(winner, loser), ["won", "slot_taken"])
        # Nobody waits outside any more.
        self.assertFalse(
            self.run_alone(
                lambda env: env.execute_query(
                    SQL(
                        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
                        " AND classid = %s AND objid = %s",
                        ROOM_LOCK,
                        body.room_id,
                    )
                )
            )
        )

    def test_two_rooms_crosswise(self):
        """Two stays that change places wait for nobody for ever."""
        first = self.run_alone(lambda env: self.book(env, room=0))
        second = self.run_alone(lambda env: self.book(env, room=1, member=1))

        def move(booking_id, room):
            def run(env):
                target = env["teahouse.room"].browse(self.ids["rooms"][room])
                env["teahouse.booking"].browse(booking_id)._change_room(target)

            return run

        outcomes = self.race(move(first, 1), move(second, 0))
        self.assertEqual(outcomes, ["slot_taken", "slot_taken"])
        self.assert_no_overlap()

    def test_check_in_against_no_show(self):
        for number in range(ROUNDS):
            booking = self.run_alone(
                lambda env, n=number: self.book(env, start=-5, minutes=60 + n)
            )
            outcomes = self.race(
                self.step(booking, "_check_in", "door"),
                self.step(booking, "_mark_no_show"),
            )
            (state,) = self.look(booking, "state")
            self.assertEqual(sorted(outcomes), ["invalid_state", "won"])
            expected = "in_use" if outcomes[0] == "won" else "no_show"
            self.assertEqual(state, expected)
            if state == "in_use":
                self.run_alone(self.step(booking, "_checkout", "staff"))
            self.run_alone(
                lambda env, b=booking: env["teahouse.booking"].browse(b).unlink()
            )

    def test_cancel_against_check_in(self):
        for number in range(ROUNDS):
            booking = self.run_alone(
                lambda env, n=number: self.book(env, start=5 + 200 * n)
            )
            outcomes = self.race(
                self.step(booking, "_cancel", "customer"),
                self.step(booking, "_check_in", "door"),
            )
            (state,) = self.look(booking, "state")
            self.assertEqual(sorted(outcomes), ["invalid_state", "won"])
            expected = "cancelled" if outcomes[0] == "won" else "in_use"
            self.assertEqual(state, expected)

    def test_hold_expiry_against_confirm(self):
        """Money that arrives in the last second: kept, or confirmed again."""
        for number in range(ROUNDS):
            booking = self.run_alone(
                lambda env, n=number: self.book(env, start=60 + 300 * n, confirm=False)
            )
            self.run_alone(self.step(booking, "write", self.ran_out()))

            def job(env, booking=booking):
                env["teahouse.booking"].browse(booking)._run_step("_expire_due")

            def pay(env, booking=booking):
                paid = env["teahouse.booking"].browse(booking)
                paid = paid.with_context(teahouse_race=True)
                paid._lock_stays()
                if paid.state in ("hold", "expired"):
                    paid._set_state("confirmed", ("hold", "expired"))

            outcomes = self.race(job, pay)
            self.assertEqual(outcomes, ["won", "won"])
            self.assertEqual(self.look(booking, "state"), ("confirmed",))
        self.assert_no_overlap()

    def ran_out(self):
        return {"hold_expires_at": fields.Datetime.now() - timedelta(seconds=1)}

    def test_late_confirm_against_new_booking(self):
        """The hold ran out; its money and somebody else want the slot."""
        for number in range(ROUNDS):
            start = 60 + 300 * number
            late = self.run_alone(
                lambda env, s=start: self.book(env, start=s, confirm=False)
            )
            self.run_alone(self.step(late, "_expire"))

            def pay(env, late=late):
                booking = env["teahouse.booking"].browse(late)
                booking._lock_stays()
                with booking._refusing_overlap():
                    booking._set_state("confirmed", ("hold", "expired"))

            outcomes = self.race(
                pay,
                lambda env, s=start: self.book(env, start=s, confirm=False, member=1),
            )
            self.assertEqual(sorted(outcomes), ["slot_taken", "won"])
        self.assert_no_overlap()

    def test_extension_against_new_booking(self):
        for number in range(ROUNDS):
            start = 60 + 400 * number
            booking = self.run_alone(lambda env, s=start: self.book(env, start=s))
            (end,) = self.look(booking, "end")
            outcomes = self.race(
                self.step(booking, "_extend", end + timedelta(minutes=60)),
                lambda env, s=start: self.book(
                    env, start=s + 150, minutes=60, confirm=False, member=1
                ),
            )
            self.assertEqual(sorted(outcomes), ["slot_taken", "won"])
        self.assert_no_overlap()

    def test_room_change_against_booking(self):
        for number in range(ROUNDS):
            start = 60 + 300 * number
            booking = self.run_alone(lambda env, s=start: self.book(env, start=s))

            def move(env, booking=booking):
                target = env["teahouse.room"].browse(self.ids["rooms"][1])
                env["teahouse.booking"].browse(booking)._change_room(target)

            outcomes = self.race(
                move,
                lambda env, s=start: self.book(
                    env, start=s, room=1, confirm=False, member=1
                ),
            )
            self.assertEqual(sorted(outcomes), ["slot_taken", "won"])
            (room,) = self.look(booking, "room_id")
            self.assertEqual(
                room.id, self.ids["rooms"][1 if outcomes[0] == "won" else 0]
            )
        self.assert_no_overlap()

    def test_checkout_twice(self):
        booking = self.run_alone(lambda env: self.book(env, start=-5))
        self.run_alone(self.step(booking, "_check_in", "door"))
        outcomes = self.race(*[self.step(booking, "_checkout", "guest")] * 4)
        self.assertEqual(outcomes, ["won"] * 4, "asked twice, done once")
        tasks = self.run_alone(
            lambda env: len(env["teahouse.booking"].browse(booking).cleaning_task_ids)
        )
        self.assertEqual(tasks, 1)
