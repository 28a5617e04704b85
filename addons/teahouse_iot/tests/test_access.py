from datetime import timedelta

from psycopg2.errors import ExclusionViolation

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import db_now, epoch
from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestAccess(DeviceCommon):
    def test_confirmation_gives_every_participant_a_pin(self):
        booking = self.make_booking()
        guest = self.add_participant(booking, self.member_2)
        booking._on_participants_added(guest)
        grants = booking.grant_ids
        self.assertEqual(grants.member_id, self.member | self.member_2)
        self.assertEqual(len(set(grants.mapped("pin"))), 2)
        window = booking._access_window()
        for grant in grants:
            self.assertEqual((grant.valid_from, grant.valid_to), window)
            self.assertEqual(grant.participant_id.pin, grant.pin)
            self.assertEqual(grant.key_ids.device_id, self.lock | self.gate)
        push = self.commands(self.lock, booking, act="pin_set")
        self.assertEqual(len(push), 2)
        self.assertEqual(push[0].args["from"], epoch(window[0]))
        self.assertEqual(push[0].args["to"], epoch(window[1]))
        self.assertEqual(push.mapped("guard"), ["grant_any", "grant_any"])

    def test_confirming_twice_changes_nothing(self):
        booking = self.make_booking()
        before = self.env["teahouse.command"].search_count([])
        booking._on_confirmed()
        self.assertEqual(len(booking.grant_ids), 1)
        self.assertEqual(self.env["teahouse.command"].search_count([]), before)

    def test_guest_without_account_gets_a_pin(self):
        booking = self.make_booking(member=self.env["teahouse.member"])
        self.assertEqual(len(booking.grant_ids), 1)
        self.assertFalse(booking.grant_ids.member_id)
        self.assertTrue(booking.grant_ids.pin)

    def test_pins_of_one_lock_never_clash(self):
        first = self.make_booking()
        taken = first.grant_ids.pin
        second = self.make_booking(member=self.member_2, room=self.room_2)
        second.grant_ids.participant_id.pin = taken
        second.grant_ids.pin = taken
        # Both PINs are in the gate at the same time: the second one gives way.
        second.grant_ids._cut_keys()
        self.assertNotEqual(second.grant_ids.pin, taken)
        self.assertEqual(first.grant_ids.pin, taken)
        self.assertEqual(second.grant_ids.participant_id.pin, second.grant_ids.pin)

    def test_the_database_keeps_pins_of_a_lock_apart(self):
        """Two who get a PIN at the same moment do not see each other's."""
        booking = self.make_booking()
        grant, other = booking.grant_ids, self.make_booking(room=self.room_2).grant_ids
        pin, key = grant.pin, grant.key_ids.filtered(lambda k: k.device_id == self.gate)
        rival = other.key_ids.filtered(lambda one: one.device_id == self.gate)
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(ExclusionViolation),
            self.env.cr.savepoint(),
        ):
            rival.sudo().pin_mac = key.sudo().pin_mac

        # As if the other one's were not to be seen yet.
        key._withdraw()
        rival.sudo().pin_mac = key.sudo().pin_mac
        grant._cut_keys()

        self.assertNotEqual(grant.pin, pin)
        self.assertEqual(grant.participant_id.pin, grant.pin)
        live = grant.key_ids.filtered(lambda one: one.state == "pending")
        self.assertEqual(live.device_id, self.lock | self.gate)

    def test_removed_participant_loses_everything_at_once(self):
        booking = self.make_booking()
        guest = self.add_participant(booking, self.member_2)
        booking._on_participants_added(guest)
        grant = booking.grant_ids.filtered(lambda one: one.member_id == self.member_2)
        press = self.lock._unlock(
            source="app", guard="grant", grant_id=grant.id, booking_id=booking.id
        )
        guest.state = "removed"
        booking._on_participants_removed(guest)
        self.assertEqual(grant.state, "revoked")
        self.assertEqual((press.state, press.reason), ("cancelled", "right_lost"))
        deletes = self.commands(act="pin_del", grant_id=grant.id)
        self.assertEqual(deletes.device_id, self.lock | self.gate)
        self.assertEqual(
            set(deletes.mapped("superkey")),
            {f"pin:{key.slot}" for key in grant.key_ids},
        )
        other = booking.grant_ids - grant
        self.assertEqual(other.state, "active")
        self.assertFalse(self.commands(act="pin_del", grant_id=other.id))

    def test_cancelled_booking(self):
        booking = self.make_booking(start=60)
        press = self.gate._unlock(
            source="app",
            guard="grant",
            grant_id=booking.grant_ids.id,
            booking_id=booking.id,
        )
        booking.state = "cancelled"
        booking._on_cancelled("member")
        self.assertEqual(booking.grant_ids.state, "revoked")
        self.assertEqual(press.state, "cancelled")
        self.assertEqual(len(self.commands(booking=booking, act="pin_del")), 2)
        still_open = self.commands(booking=booking).filtered(
            lambda command: command.state in ("queued", "sent")
        )
        self.assertEqual(set(still_open.mapped("act")), {"pin_del"})

    def test_extension_moves_the_window(self):
        booking = self.make_booking()
        first = self.commands(self.lock, booking, act="pin_set")
        old_end = booking.end
        booking.end += timedelta(minutes=30)
        booking.blocked_until += timedelta(minutes=30)
        booking._on_extended(old_end)
        grant = booking.grant_ids
        self.assertEqual(grant.valid_to, booking._access_window()[1])
        push = self.commands(self.lock, booking, act="pin_set") - first
        self.assertEqual(push.superkey, first.superkey)
        self.assertEqual(push.args["to"], epoch(grant.valid_to))

    def test_room_change_moves_the_pins(self):
        lock_2 = self.make_device("lock", room=self.room_2)
        booking = self.make_booking()
        booking.room_id = self.room_2
        booking._on_room_changed(self.room)
        grant = booking.grant_ids
        self.assertEqual(grant.room_id, self.room_2)
        self.assertTrue(self.commands(lock_2, booking, act="pin_set"))
        self.assertTrue(self.commands(self.lock, booking, act="pin_del"))
        self.assertFalse(self.commands(self.gate, booking, act="pin_del"))

    def test_pin_states_follow_the_lock(self):
        booking = self.make_booking()
        key = booking.grant_ids.key_ids.filtered(lambda k: k.device_id == self.lock)
        self.assertEqual(key.state, "pending")
        push = self.commands(self.lock, booking, act="pin_set")
        self.answer(push)
        self.assertEqual(key.state, "set")
        booking.state = "cancelled"
        booking._on_cancelled("member")
        self.assertEqual(key.state, "removing")
        push._apply_pin()
        self.assertEqual(key.state, "removing", "a late answer brings nothing back")
        self.answer(self.commands(self.lock, booking, act="pin_del"))
        self.assertEqual(key.state, "removed")

    def test_offline_readers_learn_of_revoked_grants(self):
        reader = self.make_device("reader")
        booking = self.make_booking()
        booking.state = "cancelled"
        booking._on_cancelled("member")
        revoke = self.commands(reader, booking, act="revoke")
        self.assertEqual(revoke.args["grant"], booking.grant_ids._code_id())

    def test_temporary_grant(self):
        values = {
            "store_id": self.store.id,
            "room_id": self.room.id,
            "valid_from": db_now(self.env),
            "valid_to": db_now(self.env) + timedelta(hours=1),
        }
        grants = self.env["teahouse.grant"].with_user(self.user_manager)
        with self.assertRaises(ValidationError):
            grants.create(values)
        grant = grants.create({**values, "holder": "Plumber Li", "reason": "Tap"})
        self.assertTrue(grant.pin)
        self.assertEqual(
            self.commands(grant_id=grant.id, act="pin_set").device_id,
            self.lock | self.gate,
        )
        grant.action_revoke()
        self.assertEqual(grant.state, "revoked")
        self.assertEqual(len(self.commands(grant_id=grant.id, act="pin_del")), 2)
        trail = self.env["teahouse.audit"].search([("action", "like", "grant.%")])
        self.assertEqual(set(trail.mapped("action")), {"grant.create", "grant.revoke"})

    def test_grants_end_by_themselves(self):
        booking = self.make_booking()
        grant = booking.grant_ids
        self.env["teahouse.alarm"]._cron_watch()
        self.assertEqual(grant.state, "active")
        grant.write(
            {
                "valid_from": db_now(self.env) - timedelta(hours=3),
                "valid_to": db_now(self.env) - timedelta(minutes=1),
            }
        )
        self.env["teahouse.alarm"]._cron_watch()
        self.assertEqual(grant.state, "ended")
        self.assertEqual(len(self.commands(grant_id=grant.id, act="pin_del")), 2)

    def test_a_guests_grant_is_not_revoked_by_hand(self):
        booking = self.make_booking()
        with self.assert_code("invalid_state"):
            booking.grant_ids.with_user(self.user_manager).action_revoke()
