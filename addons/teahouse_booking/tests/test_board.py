import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.teahouse_board import CHANGED, CHANNEL
from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestBoard(BookingCommon):
    def look(self, user=None, **more):
        store = self.store.with_user(user or self.user_staff)
        return store.board_data(
            fields.Datetime.to_string(self.at(0)),
            fields.Datetime.to_string(self.at(0, days=7)),
            **more,
        )

    def test_what_it_shows(self):
        booking = self.make_booking()
        self.env["teahouse.closing"].create(
            {
                "name": "Repair",
                "store_id": self.store.id,
                "start": self.at(20),
                "end": self.at(22),
            }
        )
        data = self.look()
        self.assertEqual({room["name"] for room in data["rooms"]}, {"Bamboo", "Pine"})
        (bar,) = data["bars"]
        self.assertEqual((bar["id"], bar["room_id"]), (booking.id, booking.room_id.id))
        self.assertEqual(bar["start"], fields.Datetime.to_string(booking.start))
        self.assertEqual(bar["guest"], booking.partner_id.name)
        (closing,) = data["closings"]
        self.assertFalse(closing["room_id"])
        # One room alone, after a change of it.
        data = self.look(room_ids=self.room_2.ids)
        self.assertEqual([room["id"] for room in data["rooms"]], self.room_2.ids)
        self.assertFalse(data["bars"])
        with self.assert_code("invalid_request"):
            self.store.board_data("2026-12-01 00:00:00", "2027-12-01 00:00:00")

    def test_statements_do_not_grow(self):
        """A hundred rooms with their stays cost what two cost."""
        user = self.user_staff
        self.look(user)
        self.env.invalidate_all()
        counted = []
        for turn in range(2):
            counted.append(self.count_queries(lambda: self.look(user)))
            self.env["teahouse.room"].create(
                [{"name": f"R{n}", "store_id": self.store.id} for n in range(100)]
            )
            for room in self.store.room_ids[:20]:
                self.make_booking(room=room, start=self.at(10, days=2 + turn))
        self.assertLessEqual(counted[1], counted[0] + 1, counted)

    def test_who_may_look(self):
        self.make_booking()
        other = self.other_store.with_user(self.user_staff)
        with self.assertRaises(AccessError):
            other.board_data("2026-12-01 00:00:00", "2026-12-02 00:00:00")
        names = {
            one["id"] for one in self.store.with_user(self.user_staff).board_stores()
        }
        self.assertIn(self.store.id, names)
        self.assertNotIn(self.other_store.id, names)
        # Who cleans or repairs sees rooms, and no guests.
        self.assertEqual(self.look(self.user_cleaner)["bars"], [])
        self.assertTrue(self.look(self.user_cleaner)["rooms"])

    def test_changes_are_told_once_kept(self):
        booking = self.make_booking()
        self.env.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()

        booking.write({"people": 2})
        booking.note = "not on the board"
        self.env.cr.precommit.run()

        (message,) = self.env["bus.bus"].search([("message", "like", CHANGED)])
        self.assertEqual(
            json.loads(message.message)["payload"], {"room_ids": self.room.ids}
        )
        self.assertIn("teahouse.store", message.channel)
        # A room that is left changes as well.
        self.env["bus.bus"].search([]).unlink()
        booking.sudo()._move(
            self.room_2,
            booking.start + timedelta(hours=1),
            booking.end + timedelta(hours=1),
        )
        self.env.cr.precommit.run()
        (message,) = self.env["bus.bus"].search([("message", "like", CHANGED)])
        self.assertEqual(
            json.loads(message.message)["payload"],
            {"room_ids": sorted((self.room | self.room_2).ids)},
        )

    def test_who_may_listen(self):
        name = f"{CHANNEL}{self.store.id}"
        for user, hears in (
            (self.user_staff, True),
            (self.user_owner, True),
            (self.user_cleaner, False),
            (self.member.user_id, False),
        ):
            websocket = self.env["ir.websocket"].with_user(user)
            self.assertEqual(
                websocket._board_stores([name, f"{CHANNEL}x", "other"]),
                self.store if hears else self.env["teahouse.store"],
                user.login,
            )
        strange = f"{CHANNEL}{self.other_store.id}"
        websocket = self.env["ir.websocket"].with_user(self.user_staff)
        self.assertFalse(websocket._board_stores([strange]))
