import re

from odoo.tests import BaseCase, tagged

from ..engine import outbox
from ..engine.protocol import ACTS


@tagged("post_install", "-at_install")
class TestOutbox(BaseCase):
    def test_final_states_do_not_move(self):
        events = {event for __, event in outbox.TRANSITIONS}
        for state in outbox.FINAL:
            moves = {outbox.next_state(state, event) for event in events} - {None}
            if state == "unknown":
                self.assertEqual(moves, {"done", "failed", "rejected"})
            else:
                self.assertFalse(moves, state)

    def test_every_open_state_ends(self):
        for state in outbox.OPEN:
            self.assertIn(outbox.next_state(state, "lapse"), outbox.FINAL)
            self.assertEqual(outbox.next_state(state, "cancel"), "cancelled")
        self.assertEqual(outbox.next_state("queued", "lapse"), "expired")
        self.assertEqual(outbox.next_state("sent", "lapse"), "unknown")

    def test_late_answer_lands(self):
        self.assertEqual(outbox.next_state("unknown", "done"), "done")
        self.assertEqual(set(outbox.from_states("done")), {"queued", "sent", "unknown"})
        self.assertIsNone(outbox.next_state("expired", "done"))
        self.assertIsNone(outbox.next_state("cancelled", "done"))

    def test_superkey(self):
        self.assertEqual(outbox.superkey("power", {"on": True}), "power")
        self.assertEqual(
            outbox.superkey("pin_set", {"slot": 7}),
            outbox.superkey("pin_del", {"slot": 7}),
        )
        self.assertNotEqual(
            outbox.superkey("pin_set", {"slot": 7}),
            outbox.superkey("pin_set", {"slot": 8}),
        )
        for act, klass in ACTS.items():
            key = outbox.superkey(act, {"slot": 1, "grant": 1})
            self.assertEqual(bool(key), klass == "level", act)

    def test_ids_are_uuid7_in_order(self):
        ids = [outbox.new_id(now=1_795_345_135 + n) for n in range(50)]
        self.assertEqual(ids, sorted(ids))
        self.assertEqual(
            len({outbox.new_id(now=1_795_345_135) for __ in range(500)}), 500
        )
        pattern = (
            r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"
        )
        self.assertTrue(all(re.match(pattern, one) for one in ids))
