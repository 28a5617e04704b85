import secrets
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged

from ..engine import passes
from ..models import teahouse_participant
from .common import BookingCommon, utc

NOW = "2026-12-01 05:50:00"
UNIX = 1796104200
START, END = utc("2026-12-01 06:00"), utc("2026-12-01 08:00")


class OfflineReader:
    """A reader that got the day keys of its store, and has been alone since.

    It knows nothing of bookings: only its keys, its clock, its room, and who was taken
    from it while it still listened.
    """

    def __init__(self, secret, room, at):
        days = (at - 86400, at, at + 86400)
        self.keys = {at // 86400: passes.day_key(secret, at) for at in days}
        self.room, self.revoked = room, set()

    def opens(self, text, at):
        """Tell whether a text opens the door at an instant."""
        try:
            head, _dot, mac = text.rpartition(".")
            numbers = [int(part, 36) for part in head.split(".")[1:]]
            grant, _store, room, valid_from, valid_to, step = numbers
        except ValueError:
            return False
        key = self.keys.get(step * 60 // 86400)
        if key is None or passes._mac(head, key) != mac:
            return False
        fresh = abs(step - at // 60) <= 1
        inside = valid_from <= at // 60 < valid_to
        return fresh and inside and room == self.room and grant not in self.revoked


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestPasses(BookingCommon):
    """What a pass promises at the door."""

    def setUp(self):
        super().setUp()
        self.booking = self.make_confirmed(START, end=END)
        self.person = self.booking.participant_ids
        self.secret = self.store._pass_secret()

    def text(self, at=NOW, person=None):
        with freeze_time(at):
            return self.booking._pass_values(person or self.person)["qr"]

    def test_another_text_every_minute(self):
        texts = {self.text(f"2026-12-01 05:{minute:02}:30") for minute in range(50, 60)}
        self.assertEqual(len(texts), 10)
        self.assertEqual(self.text("2026-12-01 05:50:59"), self.text(NOW))

    def test_screenshot_is_useless_after_two_minutes(self):
        """Whatever second it was taken in, and whichever way the clocks differ."""
        for second in (0, 17, 59):
            taken = UNIX + second
            text = self.text(f"2026-12-01 05:50:{second:02}")
            passes.verify(text, self.secret, taken)
            passes.verify(text, self.secret, taken + 60)
            for late in (120, 180, 3600):
                with self.assertRaises(passes.PassError) as caught:
                    passes.verify(text, self.secret, taken + late)
                self.assertEqual(caught.exception.code, "stale")

    def test_reader_that_has_been_offline_for_a_day(self):
        yesterday = UNIX - 86400 + 60
        reader = OfflineReader(self.secret, self.room.id, yesterday)
        self.assertTrue(reader.opens(self.text(), UNIX))
        self.assertFalse(reader.opens(self.text(), UNIX + 120), "old by then")
        self.assertFalse(
            reader.opens(self.text("2026-12-01 08:20:00"), UNIX + 9000), "over"
        )
        elsewhere = OfflineReader(self.secret, self.room_2.id, yesterday)
        self.assertFalse(elsewhere.opens(self.text(), UNIX))
        stranger = OfflineReader(
            self.other_store._pass_secret(), self.room.id, yesterday
        )
        self.assertFalse(stranger.opens(self.text(), UNIX), "a key for each store")
        old = OfflineReader(self.secret, self.room.id, UNIX - 3 * 86400)
        self.assertFalse(old.opens(self.text(), UNIX), "a key for each day")

    def test_key_of_a_day_does_not_give_another(self):
        keys = {passes.day_key(self.secret, UNIX + day * 86400) for day in range(5)}
        self.assertEqual(len(keys), 5)
        self.assertNotIn(self.secret, keys)

    def test_removed_guest_has_no_pass(self):
        guest = self.env["teahouse.participant"].create(
            {"booking_id": self.booking.id, "member_id": self.member_2.id}
        )
        mine = self.as_member("teahouse.booking", self.member_2)
        self.assertTrue(mine._api_pass(self.booking.ref)["qr"])
        reader = OfflineReader(self.secret, self.room.id, UNIX)
        taken = self.text(person=guest)
        self.assertTrue(reader.opens(taken, UNIX))
        guest._remove()
        with self.assert_code("not_found"):
            mine._api_pass(self.booking.ref)
        # The reader that is reached hears of it; what it does not hear, runs out.
        reader.revoked.add(guest.id)
        self.assertFalse(reader.opens(taken, UNIX))
        self.assertTrue(reader.opens(self.text(), UNIX), "the others still come in")

    def test_pins_are_their_own(self):
        people = self.person
        self.room_2.capacity = 30
        party = self.make_confirmed(START, end=END, room=self.room_2)
        for number in range(20):
            people |= party._add_participant(self.make_member(name=f"Guest {number}"))
        people |= party.participant_ids
        pins = people.sudo().mapped("pin")
        self.assertEqual(len(set(pins)), len(pins))
        for pin in pins:
            self.assertRegex(pin, r"^\d{6}$")

    def test_taken_pin_is_drawn_again(self):
        """Unique in the store as long as the stay lives; free afterwards."""
        taken = self.person.sudo().pin
        other = self.make_booking(START, room=self.room_2, member=self.member_2)

        def draw(booking, *numbers):
            drawn = iter(int(number) for number in numbers)
            with patch.object(
                teahouse_participant.secrets, "randbelow", lambda _n: next(drawn)
            ):
                return booking._add_participant(self.make_member()).sudo().pin

        self.assertEqual(draw(other, taken, taken, "000042"), "000042")
        elsewhere = self.make_booking(START, room=self.other_room)
        self.assertEqual(draw(elsewhere, taken), taken, "another store's locks")
        self.booking._cancel("store", "No water")
        self.assertEqual(draw(other, taken), taken)

    def test_pins_come_from_the_system(self):
        self.assertIs(teahouse_participant.secrets, secrets)

    def test_signature_covers_everything(self):
        text = self.text()
        parts = text.split(".")
        for place in range(1, 7):
            forged = list(parts)
            forged[place] = passes.base36(int(forged[place], 36) + 1)
            with self.assertRaises(passes.PassError):
                passes.verify(".".join(forged), self.secret, UNIX)
