"""The app's booking screens on a phone: time line, waiting list, ends of stays."""

from datetime import datetime, time, timedelta
from types import SimpleNamespace

from odoo import fields
from odoo.tests import HttpCase, tagged

from odoo.addons.teahouse_base.tests.app_steps import AppBrowser
from odoo.addons.teahouse_base.tools.timeutil import to_aware, to_utc_naive

from .common import BookingCommon

STEPS = """
    const slot = (time) => [...document.querySelectorAll(".th-timeline__slot")].find(
        (one) => one.textContent.trim() === time);
    const is = (time, state) =>
        slot(time)?.classList.contains(`th-timeline__slot--${state}`);
    const dock = (words) => until(words, () =>
        document.querySelector(".th-dock")?.innerText.includes(words));

    await signIn("PHONE");
    location.hash = "#/rooms/ROOM";
    await find(".th-timeline");
    // The day on which others have the room from 15:00 to 17:00.
    for (let day = 1; day < 4 && !is("15:00", "taken"); day++) {
        await pickDay(day);
    }
    assert(is("16:30", "taken") && is("17:30", "free"), "taken until 17:00");
    assert(is("17:00", "prepared"), "cleaned afterwards");
    assert(is("14:30", "rest") && is("13:30", "free"), "before");

    // Tap the start, tap the end, drag the end back.
    slot("10:00").click();
    await dock("10:00 – 12:00");
    slot("13:00").click();
    await dock("10:00 – 13:00");
    const drag = (kind, target, over) => {
        const { left, top } = slot(over).getBoundingClientRect();
        const at = { clientX: left + 9, clientY: top + 9, cancelable: true };
        target.dispatchEvent(new PointerEvent(kind, { ...at, bubbles: true }));
    };
    slot("12:00").scrollIntoView({ block: "center" });
    drag("pointerdown", slot("13:00"), "13:00");
    drag("pointermove", window, "11:30");
    drag("pointerup", window, "11:30");
    slot("11:30").click();
    await dock("10:00 – 11:30");

    // Wait for what is taken.
    slot("15:00").click();
    await sees("Who waits longest is asked first");
    await tap("Wait for it");
    await sees("We tell you as soon as a room is free.");
    await tap("Take it");
    await sees("Booked");
    await go("/waitlist", "We tell you");
    await tap("Wait no longer");
    await sees("You wait for nothing");

    // What became of others.
    await go("/bookings/LAPSED", "The time to pay has run out");
    await go("/bookings/EXPIRED", "Nothing was booked");
    await tap("Choose a time anew");
    await find(".th-timeline");

    // A review with a photo, and a favourite.
    await go("/bookings/DONE", "How was it?");
    await giveFile("input[type=file]");
    await find(".th-review-photo img");
    await tap("Send");
    await sees("Thank you for your review");
    await go("/stores/STORE", "Rooms");
    await tap("Make it a favourite");
    await button("No longer a favourite");
    await go("/favourites", "Riverside");
    await go("/me", "Waiting list");
"""


@tagged("post_install", "-at_install")
class TestAppBrowser(AppBrowser, BookingCommon, HttpCase):
    def test_a_guest_books_waits_and_reviews(self):
        zone = self.store._zone()
        day = to_aware(fields.Datetime.now(), zone).date() + timedelta(days=2)

        def local(hour):
            return to_utc_naive(datetime.combine(day, time(hour), zone))

        self.make_confirmed(local(15), member=self.member_2)
        lapsed = self.make_booking(local(20))
        lapsed.hold_expires_at = fields.Datetime.now() - timedelta(minutes=1)
        expired = self.make_booking(local(6), room=self.room_2)
        expired._expire()
        done = self.make_in_use(room=self.other_room)
        done._checkout("staff")
        wish = self.as_member("teahouse.waitlist", self.member)._api_create(
            SimpleNamespace(
                room_id=self.room_2.id,
                store_id=None,
                start=to_aware(local(10), zone),
                end=to_aware(local(12), zone),
                people=2,
            )
        )
        wish = self.env["teahouse.waitlist"].browse(wish["id"])
        wish._try_offer()
        self.assertEqual(wish.state, "offered")
        names = {
            "PHONE": self.make_phone(self.member),
            "ROOM": str(self.room.id),
            "STORE": str(self.store.id),
            "LAPSED": lapsed.ref,
            "EXPIRED": expired.ref,
            "DONE": done.ref,
        }
        steps = STEPS
        for name, value in names.items():
            steps = steps.replace(name, value)
        self.play(steps)
        self.env.invalidate_all()
        self.assertEqual(wish.state, "accepted")
        self.assertEqual(len(done.review_ids.upload_ids), 1)
