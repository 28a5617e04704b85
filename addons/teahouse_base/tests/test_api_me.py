import base64
import io

from PIL import Image

from odoo.tests import tagged

from odoo.addons.teahouse_base.api.images import ImageRefused, encode_anew

from .common import API_PREFIX, PASSWORD
from .test_api_auth import OTHER_PHONE, AuthCommon


def picture(kind="PNG", size=(40, 30), **options):
    stream = io.BytesIO()
    Image.new("RGB", size, "green").save(stream, kind, **options)
    return stream.getvalue()


@tagged("post_install", "-at_install")
class TestMe(AuthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls.make_token(cls.member_1)

    def call(self, method, path, body=None):
        return self.api(method, path, body, token=self.token)

    def upload(self, data, name="file"):
        return self.url_open(
            f"{API_PREFIX}/uploads",
            files={name: ("a.png", data, "image/png")},
            headers={"Authorization": f"Bearer {self.token}"},
        )

    def test_profile_is_changed_field_by_field(self):
        response = self.call(
            "PATCH", "/me", {"name": "陆羽", "gender": "male", "birthday": "1990-05-17"}
        )
        self.assertEqual(response.status_code, 200, response.text)
        response = self.call("PATCH", "/me", {"gender": None})

        values = response.json()
        self.assertEqual(values["name"], "陆羽")
        self.assertEqual(values["birthday"], "1990-05-17")
        self.assertIsNone(values["gender"])

    def test_wrong_profile_values_are_named(self):
        for body, field in (
            ({"name": ""}, "name"),
            ({"name": "x" * 65}, "name"),
            ({"birthday": "1990-02-30"}, "birthday"),
            ({"birthday": "17.05.1990"}, "birthday"),
            ({"birthday": 0}, "birthday"),
            ({"gender": "robot"}, "gender"),
            ({"lang": "xx"}, "lang"),
            ({"phone": OTHER_PHONE}, "phone"),
            ({"avatar": 999999}, "avatar"),
        ):
            with self.subTest(body=body):
                response = self.call("PATCH", "/me", body)
                self.assert_problem(response, 422, "invalid_request", field)

    def test_preferences(self):
        body = {"sms": False, "quiet_from": "23:30", "quiet_to": "07:00"}
        changed = self.call("PATCH", "/me/preferences", body).json()

        self.assertEqual(changed, self.call("GET", "/me/preferences").json())
        self.assertEqual(changed["quiet_from"], "23:30")
        self.assertFalse(changed["sms"])
        self.assertTrue(changed["mail"])
        for value in ("24:00", "7:00", "07:60", "", 7):
            response = self.call("PATCH", "/me/preferences", {"quiet_to": value})
            self.assert_problem(response, 422, "invalid_request", "quiet_to")

    def test_notifications_in_pages(self):
        self.env["teahouse.notification"].sudo().create(
            [
                {
                    "member_id": self.member_1.id,
                    "channel": "inbox",
                    "state": "sent",
                    "title": f"Message {index}",
                    "body": "茶好了",
                    "event_key": f"test-{index}",
                    "recipient_key": f"m{self.member_1.id}",
                }
                for index in range(5)
            ]
        )
        first = self.call("GET", "/me/notifications?limit=2").json()
        second = self.call(
            "GET", f"/me/notifications?limit=3&cursor={first['next_cursor']}"
        ).json()

        titles = [item["title"] for item in first["items"] + second["items"]]
        self.assertEqual(titles, [f"Message {index}" for index in (4, 3, 2, 1, 0)])
        self.assertIsNone(second["next_cursor"])
        self.assertEqual(first["unread_count"], 5)

        path = f"/me/notifications/{first['items'][0]['id']}/read"
        self.assertTrue(self.call("POST", path).json()["read"])
        unread = self.call("GET", "/me/notifications?unread=true").json()
        self.assertEqual(len(unread["items"]), 4)
        foreign = self.api("POST", path, member=self.member_2)
        self.assert_problem(foreign, 404, "not_found")
        bad = self.call("GET", "/me/notifications?cursor=nonsense")
        self.assert_problem(bad, 422, "invalid_request", "cursor")

    def test_phone_moves_with_a_code_and_the_password(self):
        code = self.ask_code(OTHER_PHONE, "bind")
        body = {"phone": OTHER_PHONE, "code": code, "password": PASSWORD}

        refused = self.call("POST", "/me/phone", {**body, "password": "wrong-Pass-1"})
        self.assert_problem(refused, 401, "unauthenticated")
        moved = self.call("POST", "/me/phone", body)

        self.assertEqual(moved.status_code, 200, moved.text)
        self.assertEqual(moved.json()["phone"], "138****0002")
        for wrong in (
            {"phone": OTHER_PHONE, "code": code},
            {**body, "old_code": "123456"},
        ):
            response = self.call("POST", "/me/phone", wrong)
            self.assert_problem(response, 422, "invalid_request")

    def test_identities_are_listed_and_unbound(self):
        identity = (
            self.env["teahouse.identity"]
            .sudo()
            .create(
                {
                    "member_id": self.member_1.id,
                    "provider": "wechat",
                    "app_id": "wx1",
                    "subject": "openid-secret",
                }
            )
        )
        listed = self.call("GET", "/me/identities")
        self.assertEqual(listed.json()["items"][0]["app_id"], "wx1")
        self.assertNotIn("openid-secret", listed.text)

        path = f"/me/identities/{identity.id}"
        foreign = self.api("DELETE", path, member=self.member_2)
        self.assert_problem(foreign, 404, "not_found")
        self.assertEqual(self.call("DELETE", path).status_code, 204)
        self.assertFalse(identity.exists())

        for body, field in (
            ({"provider": "wechat", "app": "mini_program", "code": "a"}, "provider"),
            ({"provider": "alipay", "auth_code": "a"}, "provider"),
            ({"provider": "alipay", "auth_code": "a", "code": "b"}, "code"),
            ({"provider": "wechat", "code": "a"}, "app"),
        ):
            response = self.call("POST", "/me/identities", body)
            self.assert_problem(response, 422, "invalid_request", field)

    def test_security_37_what_is_somebody_elses_is_not_there(self):
        other = self.make_member(name="Other")
        session, _token = self.env["teahouse.session"]._open(other)
        notice = self.env["teahouse.notification"]._notify(
            other, "member_approved", {}, "security-37"
        )[:1]
        identity = self.env["teahouse.identity"].create(
            {
                "member_id": other.id,
                "provider": "wechat",
                "app_id": "wx1",
                "subject": "openid-37",
            }
        )
        upload = self.env["teahouse.upload"].create(
            {"member_id": other.id, "image": base64.b64encode(picture())}
        )
        for method, path in (
            ("DELETE", f"/auth/sessions/{session.id}"),
            ("POST", f"/me/notifications/{notice.id}/read"),
            ("DELETE", f"/me/identities/{identity.id}"),
        ):
            response = self.call(method, path)
            self.assertEqual(response.status_code, 404, path)
            self.assertEqual(response.json()["code"], "not_found")
        response = self.call("PATCH", "/me", {"avatar": upload.id})
        self.assertEqual(response.status_code, 422)
        self.assertTrue(identity.exists() and not session.revoked_at)
        self.assertEqual(notice.state, "sent")

    def test_export_tells_the_own_data(self):
        values = self.call("GET", "/me/export").json()
        self.assertEqual(values["member"]["id"], self.member_1.id)
        self.assertEqual(values["member"]["phone"], "+8613812340001")

    def test_erasure_forgets_and_ends(self):
        response = self.call("DELETE", "/me")

        self.assertEqual(response.status_code, 204, response.text)
        self.assert_problem(self.call("GET", "/me"), 401, "unauthenticated")
        self.assertFalse(self.member_1.exists().phone)

    def test_upload_becomes_the_avatar(self):
        uploaded = self.upload(picture())
        self.assertEqual(uploaded.status_code, 201, uploaded.text)

        changed = self.call("PATCH", "/me", {"avatar": uploaded.json()["id"]})
        self.assertTrue(changed.json()["has_avatar"])
        avatar = self.call("GET", "/me/avatar")
        self.assertEqual(avatar.headers["Content-Type"], "image/jpeg")
        self.assertEqual(Image.open(io.BytesIO(avatar.content)).size, (40, 30))

        foreign = self.api(
            "PATCH", "/me", {"avatar": uploaded.json()["id"]}, member=self.member_2
        )
        self.assert_problem(foreign, 422, "invalid_request", "avatar")
        self.assertFalse(
            self.call("PATCH", "/me", {"avatar": None}).json()["has_avatar"]
        )
        self.assert_problem(self.call("GET", "/me/avatar"), 404, "not_found")

    def test_upload_takes_images_only(self):
        svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
        for data in (b"", b"hello", svg, picture()[:20], picture("GIF")):
            with self.subTest(data=data[:12]):
                response = self.upload(data)
                self.assert_problem(response, 422, "invalid_request", "file")
        self.assert_problem(self.upload(b"\0" * (6 << 20)), 413, "too_large")
        nobody = self.url_open(f"{API_PREFIX}/uploads", files={"file": picture()})
        self.assert_problem(nobody, 401, "unauthenticated")


@tagged("post_install", "-at_install")
class TestImages(AuthCommon):
    def test_metadata_and_tails_do_not_survive(self):
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        data = picture("JPEG", exif=exif) + b"<?php secret tail"

        clean = encode_anew(io.BytesIO(data))

        self.assertNotIn(b"secret", clean)
        self.assertFalse(Image.open(io.BytesIO(clean)).getexif())

    def test_large_images_shrink_and_turn_upright(self):
        exif = Image.Exif()
        exif[0x0112] = 6
        clean = encode_anew(io.BytesIO(picture("JPEG", (4000, 2000), exif=exif)))
        self.assertEqual(Image.open(io.BytesIO(clean)).size, (960, 1920))

    def test_webp_is_read(self):
        clean = encode_anew(io.BytesIO(picture("WEBP")))
        self.assertEqual(Image.open(io.BytesIO(clean)).format, "JPEG")

    def test_transparency_lies_on_white(self):
        stream = io.BytesIO()
        Image.new("RGBA", (2, 2), (0, 0, 0, 0)).save(stream, "PNG")
        clean = Image.open(io.BytesIO(encode_anew(io.BytesIO(stream.getvalue()))))
        self.assertEqual(clean.getpixel((0, 0)), (255, 255, 255))

    def test_bombs_are_refused(self):
        # A tiny file that claims to be 30000 x 30000.
        bomb = bytearray(picture("PNG", (1, 1)))
        bomb[16:24] = (30000).to_bytes(4, "big") * 2
        with self.assertRaises(ImageRefused):
            encode_anew(io.BytesIO(bytes(bomb)))
        with self.assertRaises(ImageRefused):
            encode_anew(io.BytesIO(base64.b64decode("R0lGODlhAQABAAAAACw=")))
