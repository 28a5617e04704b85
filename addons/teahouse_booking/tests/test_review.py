from io import BytesIO
from types import SimpleNamespace

from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BookingCommon, BookingHttpCommon


@tagged("post_install", "-at_install")
class TestReview(BookingCommon):
    def setUp(self):
        super().setUp()
        self.booking = self.make_in_use()
        self.booking._checkout("guest")

    def review(self, booking=None, member=None, score=5, **more):
        body = {
            "environment": score,
            "service": score,
            "facilities": score,
            "text": "Quiet",
            "photos": [],
            **more,
        }
        reviews = self.as_member("teahouse.review", member)
        return reviews._api_create(
            (booking or self.booking).ref, SimpleNamespace(**body)
        )

    def listed(self):
        query = SimpleNamespace(limit=20, cursor=None)
        reviews = self.env["teahouse.review"].with_user(self.user_public)
        return reviews._api_list(self.store.id, query)["items"]

    def test_review(self):
        values = self.review(service=4)
        self.assertEqual(values["score"], "4.7")
        self.assertEqual(values["author"], "L**")
        self.assertEqual([one["id"] for one in self.listed()], [values["id"]])
        self.assertEqual(self.store._api_values()["rating"], "4.7")
        with self.assert_code("invalid_state"):
            self.review()

    def test_only_completed_own_stays(self):
        open_stay = self.make_confirmed(room=self.room_2)
        with self.assert_code("invalid_state"):
            self.review(open_stay)
        with self.assert_code("not_found"):
            self.review(member=self.member_2)
        self.store.use_reviews = False
        with self.assert_code("invalid_state"):
            self.review()

    def test_photos_are_own_ones(self):
        image = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="  # noqa: E501
        uploads = self.env["teahouse.upload"].create(
            [
                {"member_id": self.member.id, "image": image},
                {"member_id": self.member_2.id, "image": image},
            ]
        )
        values = self.review(photos=uploads.ids)
        review = self.env["teahouse.review"].browse(values["id"])
        self.assertEqual(review.upload_ids, uploads[0])
        self.assertEqual([one["id"] for one in values["photos"]], uploads[0].ids)

    def test_reply_and_hide(self):
        review = self.env["teahouse.review"].browse(self.review(score=1)["id"])
        staff = review.with_user(self.user_staff)
        staff.reply = "We are sorry"
        self.assertEqual(self.listed()[0]["reply"], "We are sorry")
        with self.assert_code("forbidden"):
            staff.environment = 5
        with self.assert_code("invalid_request"):
            staff.action_hide()
        staff.hidden_reason = "Names a person"
        staff.action_hide()
        self.assertEqual(self.listed(), [])
        self.assertIsNone(self.store._api_values()["rating"])
        staff.action_show()
        self.assertEqual(self.store._api_values()["rating"], "1.0")

    def test_favourites(self):
        favourites = self.as_member("teahouse.favourite")
        favourites._api_add(self.store.id)
        favourites._api_add(self.store.id)
        self.assertEqual(
            [one["id"] for one in favourites._api_list()["items"]], [self.store.id]
        )
        others = self.as_member("teahouse.favourite", self.member_2)
        self.assertEqual(others._api_list()["items"], [])
        others._api_remove(self.store.id)
        self.assertTrue(favourites._api_list()["items"])
        favourites._api_remove(self.store.id)
        self.assertEqual(favourites._api_list()["items"], [])
        with self.assert_code("not_found"):
            favourites._api_add(2**31 - 1)


@tagged("post_install", "-at_install")
class TestReviewPhotos(BookingHttpCommon):
    """Photos from the guest's phone to the store's page, and away again."""

    def setUp(self):
        super().setUp()
        booking = self.make_in_use()
        booking._checkout("guest")
        picture = BytesIO()
        Image.new("RGB", (800, 600), "green").save(picture, "PNG")
        upload = self.url_open(
            "/teahouse/api/v1/uploads",
            files={"file": ("tea.png", picture.getvalue(), "image/png")},
            headers={"Authorization": f"Bearer {self.make_token(self.member)}"},
        ).json()
        body = {"environment": 5, "service": 5, "facilities": 5}
        self.made = self.post(
            f"/bookings/{booking.ref}/review",
            {**body, "text": "Quiet", "photos": [upload["id"]]},
            status=201,
        )
        self.review = self.env["teahouse.review"].browse(self.made["id"])
        self.path = self.made["photos"][0]["url"].removeprefix("/teahouse/api/v1")

    def seen(self):
        items = self.get(f"/stores/{self.store.id}/reviews")["items"]
        return [photo for one in items for photo in one["photos"]]

    def test_anybody_sees_them(self):
        self.assertEqual(self.seen(), self.made["photos"])
        answer = self.api("GET", f"{self.path}?size=200")
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.headers["Content-Type"].startswith("image/"))
        self.assertEqual(Image.open(BytesIO(answer.content)).size, (256, 192))

    def test_no_way_to_other_uploads(self):
        other = self.env["teahouse.upload"].create(
            {"member_id": self.member.id, "image": self.review.upload_ids.image}
        )
        path = self.path.rsplit("/", 1)[0]
        self.get(f"{path}/{other.id}", status=404)
        self.get(f"/reviews/0/photos/{self.review.upload_ids.id}", status=404)

    def test_moderation(self):
        staff = self.review.with_user(self.user_staff)
        with self.assert_code("invalid_request"):
            staff.action_hide_photos()
        staff.hidden_reason = "A face"
        staff.action_hide_photos()
        self.assertEqual(self.seen(), [])
        self.get(self.path, status=404)
        self.assertEqual(self.store.review_count, 1, "the words still count")
        staff.action_show()
        self.assertTrue(self.seen())
        staff.action_hide()
        self.get(self.path, status=404)
        self.assertEqual(self.store.review_count, 0)
        self.assertFalse(self.get(f"/stores/{self.store.id}/reviews")["items"])
        with self.assertRaises(AccessError):
            self.review.with_user(self.user_accountant).action_show()
