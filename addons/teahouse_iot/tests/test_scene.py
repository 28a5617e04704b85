from odoo.tests import tagged

from .common import DeviceCommon, DeviceHttpCommon


class SceneMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cinema = cls.env.ref("teahouse_iot.scene_cinema")

    def own_scene(self, room=None, **values):
        return self.env["teahouse.scene"].create(
            {
                "name": "Film",
                "code": "cinema",
                "store_id": self.store.id,
                "room_id": room.id if room else False,
                "line_ids": [(0, 0, {"kind": "light", "level_pct": 5})],
                **values,
            }
        )


@tagged("post_install", "-at_install")
class TestScene(SceneMixin, DeviceCommon):
    def codes(self, room):
        return self.env["teahouse.scene"]._for_room(room).mapped("code")

    def test_the_nearest_scene_counts(self):
        scenes = self.env["teahouse.scene"]
        self.assertIn(self.cinema, scenes._for_room(self.room))
        of_store = self.own_scene()
        self.assertIn(of_store, scenes._for_room(self.room_2))
        self.assertNotIn(self.cinema, scenes._for_room(self.room))
        of_room = self.own_scene(room=self.room)
        self.assertIn(of_room, scenes._for_room(self.room))
        self.assertNotIn(of_store, scenes._for_room(self.room))
        self.assertIn(of_store, scenes._for_room(self.room_2))
        self.assertIn(self.cinema, scenes._for_room(self.other_room))

    def test_welcome_scene_sets_the_lights(self):
        self.own_scene(
            code="welcome", line_ids=[(0, 0, {"kind": "light", "level_pct": 40})]
        )
        self.make_booking()._check_in("staff")
        on = self.commands(self.light, plan_key="power_on")
        self.assertEqual((on.args["on"], on.args["level_pct"]), (True, 40))

    def test_leaving_scene_is_planned_where_wanted(self):
        booking = self.make_booking()
        booking._check_in("staff")
        self.assertFalse(self.commands(plan_key="scene_leaving"))
        self.store.leaving_minutes = 3
        booking._replan()
        row = self.commands(self.light, plan_key="scene_leaving")
        self.assertEqual((booking.end - row.due_at).total_seconds(), 180)
        self.assertEqual((row.guard, row.args["level_pct"]), ("booking", 100))
        booking._checkout("guest")
        self.assertEqual(row.state, "cancelled")

    def test_quiet_hours_and_volume(self):
        speaker = self.make_device("speaker")
        self.store.write({"voice_volume": 70, "tz": "Asia/Shanghai"})
        self.make_booking()._check_in("staff")
        said = self.commands(speaker, plan_key="welcome")
        self.assertEqual(said.args["volume_pct"], 70)
        local = self.store._local(said.due_at)
        self.store.write(
            {
                "voice_quiet_from": (local.hour - 1) % 24,
                "voice_quiet_to": (local.hour + 1) % 24,
            }
        )
        self.assertEqual(self.store._voice_volume(said.due_at), 0)
        other = self.make_booking(room=self.room_2, member=self.member_2)
        speaker_2 = self.make_device("speaker", room=self.room_2)
        other._check_in("staff")
        self.assertFalse(self.commands(speaker_2, plan_key="welcome"), "silent")

    def test_greeting_by_nickname(self):
        speaker = self.make_device("speaker")
        self.store.with_context(
            lang=self.store.voice_lang
        ).voice_welcome = "你好 {guest}"
        self.make_booking()._check_in("staff")
        said = self.commands(speaker, plan_key="welcome")
        self.assertEqual(said.args["text"], f"你好 {self.member.name}")

    def test_who_changes_scenes(self):
        own = self.own_scene()
        for user, allowed in (
            (self.user_owner, True),
            (self.user_manager, True),
            (self.user_technician, True),
            (self.user_staff, False),
        ):
            scene = own.with_user(user)
            self.assertTrue(scene.has_access("read"), user.login)
            self.assertEqual(scene.has_access("write"), allowed, user.login)
        general = self.cinema.with_user(self.user_manager)
        self.assertTrue(general.has_access("read"))
        self.assertFalse(general.has_access("write"), "all stores have it")
        self.assertTrue(self.cinema.with_user(self.user_owner).has_access("write"))
        for user in (self.user_cleaner, self.user_accountant, self.member.user_id):
            self.assertFalse(own.with_user(user).has_access("read"), user.login)


@tagged("post_install", "-at_install")
class TestSceneApi(SceneMixin, DeviceHttpCommon):
    def setUp(self):
        super().setUp()
        self.booking = self.make_booking()
        self.path = f"/bookings/{self.booking.ref}/scenes"

    def post(self, scene, member=None):
        path = f"{self.path}/{scene.id}"
        return self.api("POST", path, {}, member=member or self.member)

    def test_guests_choose_a_scene(self):
        self.booking._check_in("staff")
        listed = self.api("GET", self.path, member=self.member).json()["items"]
        self.assertIn("cinema", [one["kind"] for one in listed])
        self.assertNotIn("welcome", [one["kind"] for one in listed])
        self.light.guest_control = True
        answer = self.post(self.cinema)
        self.assertEqual(answer.status_code, 202, answer.text)
        [command] = answer.json()["items"]
        row = self.commands(self.light, cmd_id=command["command_id"])
        self.assertEqual((row.source, row.args["level_pct"]), ("guest", 10))
        self.assertEqual(row.guard, "booking")

    def test_refusals(self):
        self.assertEqual(self.post(self.cinema).status_code, 409, "not in yet")
        self.booking._check_in("staff")
        self.assertEqual(self.post(self.cinema, self.member_2).status_code, 404)
        welcome = self.env.ref("teahouse_iot.scene_welcome")
        self.assertEqual(self.post(welcome).status_code, 404, "not for guests")
        self.report(self.light, online=False)
        answer = self.post(self.cinema)
        self.assertEqual(answer.json()["code"], "device_offline")
        self.store.guest_scenes = False
        self.assertEqual(self.post(self.cinema).status_code, 404)
        listed = self.api("GET", self.path, member=self.member).json()
        self.assertEqual(listed["items"], [])

    def test_energy_so_far(self):
        self.booking._check_in("staff")
        path = f"/bookings/{self.booking.ref}/environment"
        answer = self.api("GET", path, member=self.member).json()
        self.assertIsNone(answer["energy_wh"])
