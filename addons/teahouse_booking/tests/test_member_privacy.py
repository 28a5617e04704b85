"""Export and erasure of what stays tell about a person (security checklist, 30)."""

import json

from odoo.tests import tagged

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestMemberPrivacy(BookingCommon):
    def setUp(self):
        super().setUp()
        self.booking = self.make_in_use()
        self.booking.note = "Mr Lu, by the window"
        upload = self.env["teahouse.upload"].create(
            {"member_id": self.member.id, "image": PIXEL}
        )
        self.booking._checkout("guest")
        self.review = self.env["teahouse.review"].create(
            {
                "booking_id": self.booking.id,
                "environment": 5,
                "service": 4,
                "facilities": 3,
                "body": "Lu was here",
                "upload_ids": [(4, upload.id)],
            }
        )
        self.env["teahouse.favourite"].create(
            {"member_id": self.member.id, "store_id": self.store.id}
        )

    def test_security_30_export_tells_of_stays(self):
        export = self.member._export()
        json.dumps(export)
        (stay,) = export["bookings"]
        self.assertEqual(stay["ref"], self.booking.ref)
        self.assertEqual(stay["note"], "Mr Lu, by the window")
        self.assertEqual(export["reviews"][0]["text"], "Lu was here")
        self.assertEqual(export["favourites"], [self.store.name])
        self.assertEqual(export["participations"][0]["role"], "booker")
        self.assertNotIn("pin", json.dumps(export))
        self.assertFalse(self.member_2._export()["bookings"])

    def test_security_30_erasure_keeps_stays_without_the_person(self):
        self.member._erase()
        self.env.invalidate_all()
        self.assertEqual(self.booking.state, "completed")
        self.assertEqual(self.booking.member_id, self.member)
        self.assertFalse(self.booking.note)
        self.assertFalse(any(self.booking.participant_ids.sudo().mapped("pin")))
        self.assertEqual(self.review.service, 4)
        self.assertFalse(self.review.body or self.review.upload_ids)
        self.assertFalse(self.member.favourite_ids)
        self.assertNotIn("Lu Yu", self.booking.partner_id.display_name)

    def test_security_31_photos_of_reviews_stay(self):
        used = self.review.upload_ids
        self.assertEqual(used._in_use(), used)

    def test_security_31_who_had_a_stay_was_seen(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE teahouse_member SET create_date = '2020-01-01'")
        self.env.invalidate_all()
        found = self.env["teahouse.member"]._not_seen_since("2025-01-01")
        self.assertIn(self.member_2, found)
        self.assertNotIn(self.member, found)


PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)
