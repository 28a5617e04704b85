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


def held(room_id):
    """Return the query for the locks on a room."""
    return SQL(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory'"
        " AND classid = %s AND objid = %s",
        ROOM_LOCK,
        room_id,
    )


def waiting(room_id):
    """Return the query for those who wait for a room."""
    return SQL("%s AND NOT granted", held(room_id))


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
            self.wait_until(env, waiting, body.room_id)
            return self.book(env, confirm=False)

        def loser(env):
            locked.wait(10)
            env["teahouse.booking"]._api_admit(body)
            raise AssertionError("let in to a room that is taken")

        self.assertEqual(self.race(winner, loser), ["won", "slot_taken"])
        # Nobody holds the room any more, or waits for it.
        self.assertFalse(
            self.run_alone(lambda env: env.execute_query(held(body.room_id)))
        )

    def wait_until(self, env, query, room_id, seconds=20):
        """Wait until a look at the locks of a room finds something."""
        deadline = time.monotonic() + seconds
        while not env.execute_query(query(room_id)):
            self.assertLess(time.monotonic(), deadline, "nobody waits for the room")
            time.sleep(0.01)

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

    # === WHAT STAFF DO AT THE SAME MOMENT === #

    def test_move_against_booking(self):
        for number in range(ROUNDS):
            start = 60 + 600 * number
            booking = self.run_alone(lambda env, s=start: self.book(env, start=s))
            begin, end = self.look(booking, "start", "end")
            later = timedelta(minutes=240)

            def move(env, booking=booking, begin=begin, end=end, later=later):
                one = env["teahouse.booking"].browse(booking)
                one._reschedule(
                    one.room_id, begin + later, end + later, {"grid", "closed"}
                )

            outcomes = self.race(
                move,
                lambda env, s=start: self.book(
                    env, start=s + 240, confirm=False, member=1
                ),
            )
            self.assertEqual(sorted(outcomes), ["slot_taken", "won"])
            kept = begin + later if outcomes[0] == "won" else begin
            self.assertEqual(self.look(booking, "start"), (kept,))
        self.assert_no_overlap()

    def test_whole_store_against_booking(self):
        """All rooms or none, whoever is quicker in one of them."""
        for number in range(ROUNDS):
            begin = fields.Datetime.now().replace(second=0, microsecond=0)
            begin += timedelta(minutes=60 + 300 * number)

            def whole(env, begin=begin):
                rooms = env["teahouse.room"].browse(self.ids["rooms"])
                end = begin + timedelta(hours=2)
                env["teahouse.booking.group"]._make(
                    {
                        "name": "Party",
                        "kind": "whole_store",
                        "store_id": self.ids["store"],
                    },
                    [(room, begin, end, 1) for room in rooms],
                    {"member_id": self.ids["members"][0]},
                    {"grid", "horizon"},
                )

            outcomes = self.race(
                whole,
                lambda env, n=number: self.book(
                    env, start=70 + 300 * n, room=1, member=1
                ),
            )
            self.assertEqual(sorted(outcomes), ["slot_taken", "won"])
        self.assert_no_overlap()

        def groups(env):
            return [
                len(group.booking_ids)
                for group in env["teahouse.booking.group"].search(
                    [("store_id", "=", self.ids["store"])]
                )
            ]

        self.assertLessEqual(set(self.run_alone(groups)), {2}, "whole, or not at all")

    def test_transfer_against_cancel(self):
        """A stay that is gone is not handed over; one that was is cancelled after."""
        for number in range(ROUNDS):
            booking = self.run_alone(
                lambda env, n=number: self.book(env, start=60 + 200 * n)
            )

            def transfer(env, booking=booking):
                other = env["teahouse.member"].browse(self.ids["members"][1]).sudo()
                env["teahouse.booking"].browse(booking)._transfer(other)

            outcomes = self.race(transfer, self.step(booking, "_cancel", "store"))
            self.assertEqual(outcomes[1], "won")
            self.assertIn(outcomes[0], ("won", "invalid_state"))
            state, member = self.look(booking, "state", "member_id")
            self.assertEqual(state, "cancelled")
            expected = self.ids["members"][1 if outcomes[0] == "won" else 0]
            self.assertEqual(member.id, expected)

    def test_jobs_of_two_servers(self):
        """The same due stays, looked at twice at once: each step is done once."""
        held = self.run_alone(lambda env: self.book(env, confirm=False))
        self.run_alone(self.step(held, "write", self.ran_out()))
        late = self.run_alone(lambda env: self.book(env, start=-90, room=1, member=1))

        def job(env):
            for booking, step in ((held, "_expire_due"), (late, "_no_show_due")):
                env["teahouse.booking"].browse(booking)._run_step(step)

        self.assertEqual(set(self.race(job, job, job)), {"won"})
        self.run_alone(job)
        self.assertEqual(self.look(held, "state"), ("expired",))
        self.assertEqual(self.look(late, "state"), ("no_show",))

        def traces(env):
            return env["teahouse.audit"].search_count(
                [("action", "=", "booking.no_show"), ("res_id", "=", late)]
            )

        self.assertEqual(self.run_alone(traces), 1)
