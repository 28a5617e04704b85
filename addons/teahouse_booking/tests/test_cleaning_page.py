import base64
import io
import json
from datetime import timedelta

from freezegun import freeze_time
from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import BookingCommon, utc

NOW = "2026-12-01 04:00:00"


def picture(side=64, kind="PNG"):
    """Return an image in base64."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(out, kind)
    return base64.b64encode(out.getvalue()).decode()


@tagged("post_install", "-at_install")
@freeze_time(NOW)
class TestCleaningPage(BookingCommon):
    """A cleaner's page, and what managers see of rooms that wait."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.store.tz = "Asia/Shanghai"
        cls.tasks = cls.env["teahouse.cleaning.task"]
        # Those of a demonstration are not what this is about.
        cls.tasks.search([]).unlink()

    def make_task(self, room=None, due="2026-12-01 03:40", **values):
        room = room or self.room
        return self.tasks.create({"room_id": room.id, "due_at": utc(due), **values})

    def page(self, user=None):
        return self.tasks.with_user(user or self.user_cleaner).load_page()

    def test_by_next_guests(self):
        third = self.make_room(self.store, name="Plum")
        task, task_2 = self.make_task(), self.make_task(self.room_2)
        task_3 = self.make_task(third, due="2026-12-01 02:00")
        self.make_confirmed(utc("2026-12-01 06:00"))
        self.make_confirmed(utc("2026-12-01 04:20"), room=self.room_2)
        self.make_confirmed(utc("2026-12-02 04:00"), room=self.room_2)
        found = self.page()["tasks"]
        self.assertEqual([one["id"] for one in found], (task_2 | task | task_3).ids)
        self.assertEqual(
            [(one["arrival"], one["arrival_minutes"]) for one in found],
            [("12:20", 20), ("14:00", 120), ("", 0)],
        )
        self.assertEqual(
            [one["urgency"] for one in found],
            ["soon", "calm", "calm"],
        )
        self.assertEqual([one["waiting"] for one in found], [20, 20, 120])
        self.assertEqual(found[0]["free_from"], "11:40")
        # What is under way stays on top.
        task_3.with_user(self.user_cleaner).action_start()
        self.assertEqual(self.page()["tasks"][0]["id"], task_3.id)

    def test_one_question_for_all_rooms(self):
        rooms = [self.make_room(self.store, name=f"R{n}") for n in range(12)]
        for room in rooms:
            self.make_task(room)
        self.page()
        few = self.count_queries(self.page)
        for room in rooms:
            self.make_task(room)
        self.assertLessEqual(self.count_queries(self.page), few + 2)

    def test_late(self):
        promised = self.make_task(finish_by=utc("2026-12-01 03:55"))
        guests_due = self.make_task(self.room_2)
        self.make_confirmed(utc("2026-12-01 04:20"), room=self.room_2)
        calm = self.make_task(finish_by=utc("2026-12-01 05:00"))
        over = self.make_task(finish_by=utc("2026-12-01 03:55"))
        over.with_user(self.user_cleaner).action_finish()
        tasks = promised | guests_due | calm | over
        self.assertEqual(
            tasks.mapped("urgency"),
            ["late", "soon", "calm", "calm"],
        )
        with freeze_time("2026-12-01 04:25:00"):
            tasks.invalidate_recordset()
            self.assertEqual(guests_due.urgency, "late")
            self.assertEqual(guests_due.arrival_minutes, -5)

            def found(*urgency):
                wanted = [("urgency", "in", urgency), ("id", "in", tasks.ids)]
                return self.tasks.with_user(self.user_manager).search(wanted)

            self.assertEqual(found("late"), promised | guests_due)
            self.assertEqual(found("calm"), calm | over)
            self.assertEqual(
                self.tasks.search([("urgency", "!=", "late"), ("id", "in", tasks.ids)]),
                calm | over,
            )

    def test_averages_by_cleaner(self):
        for waited, cleaned in ((10, 20), (30, 40)):
            task = self.make_task(due="2026-12-01 02:00").with_user(self.user_cleaner)
            with freeze_time(utc("2026-12-01 02:00") + timedelta(minutes=waited)):
                task.action_start()
            ended = utc("2026-12-01 02:00") + timedelta(minutes=waited + cleaned)
            with freeze_time(ended):
                task.action_finish()
        rows = self.tasks.with_user(self.user_manager)._read_group(
            [("state", "=", "finished")],
            ["store_id", "user_id"],
            ["wait_minutes:avg", "clean_minutes:avg"],
        )
        self.assertEqual(rows, [(self.store, self.user_cleaner, 20.0, 30.0)])

    def test_nothing_of_customers(self):
        """Neither names, phones, amounts nor stays; only the user's stores."""
        phone = "13866668888"
        member = self.make_member(phone, name="Zhuge Liang")
        self.make_task()
        self.make_confirmed(utc("2026-12-01 05:00"), member=member)
        elsewhere = self.make_task(self.other_room)
        theirs = self.make_task(self.room_2, user_id=self.user_staff.id)
        shown = self.page()
        keys = (
            "id room store state mine free_from waiting arrival arrival_minutes "
            "urgency photos damages"
        )
        self.assertEqual(set(shown["tasks"][0]), set(keys.split()))
        words = json.dumps(shown)
        for secret in (phone, "Zhuge", "booking"):
            self.assertNotIn(secret, words)
        ids = [one["id"] for one in shown["tasks"]]
        self.assertNotIn(elsewhere.id, ids)
        self.assertNotIn(theirs.id, ids)
        for task in (elsewhere, theirs):
            own = task.with_user(self.user_cleaner)
            for step in (
                own.action_accept,
                lambda own=own: own.add_photo(picture()),
                lambda own=own: own.report_damage({"name": "Cup"}),
            ):
                with self.assertRaises(AccessError):
                    step()
        damage = self.env["teahouse.damage"].with_user(self.user_cleaner)
        self.assertNotIn("cost", damage.fields_get())
        self.assertNotIn("booking_id", damage.fields_get())
        self.assertNotIn(
            "booking_id", self.tasks.with_user(damage.env.user).fields_get()
        )

    def test_who_opens_it(self):
        self.make_task()
        for role in ("owner", "manager", "staff", "cleaner"):
            self.assertEqual(len(self.page(self.users[role])["tasks"]), 1, role)
        for user in (
            self.user_accountant,
            self.user_technician,
            self.member.user_id,
            self.user_public,
        ):
            with self.assertRaises(AccessError):
                self.page(user)

    def test_done_today(self):
        self.user_cleaner.tz = "Asia/Shanghai"
        for finished in ("2026-11-30 15:30:00", "2026-11-30 16:30:00"):
            with freeze_time(finished):
                task = self.make_task().with_user(self.user_cleaner)
                task.action_finish()
        # Midnight in Shanghai is at 16:00 UTC.
        self.assertEqual(self.page()["done"], 1)

    def test_photos(self):
        task = self.make_task().with_user(self.user_cleaner)
        task.action_start()
        task.add_photo(picture(2000))
        photo = task.photo_ids
        self.assertEqual((photo.mimetype, photo.res_id), ("image/jpeg", task.id))
        self.assertEqual(Image.open(io.BytesIO(photo.raw)).size, (1600, 1600))
        self.assertEqual(photo.with_user(self.user_manager).raw, photo.raw)
        svg = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
        for wrong in (svg, "no base64!", base64.b64encode(b"%PDF-1.4").decode(), "", 7):
            with self.assert_code("invalid_request"):
                task.add_photo(wrong)
        task.action_finish()
        with self.assert_code("invalid_state"):
            task.add_photo(picture())

    def test_damage(self):
        task = self.make_task().with_user(self.user_cleaner)
        task.action_start()
        with self.assert_code("invalid_request"):
            task.report_damage({"name": "  "})
        many = {"name": "Cup", "photos": [picture()] * 13}
        with self.assert_code("invalid_request"):
            task.report_damage(many)
        task.report_damage(
            {
                "name": "Kettle is cold",
                "severity": "2",
                "photos": [picture(), picture(kind="JPEG")],
                "state": "resolved",
                "cost": 5,
            }
        )
        damage = task.damage_ids.filtered(lambda one: one.name == "Kettle is cold")
        self.assertEqual(
            (damage.severity, damage.state, damage.room_id, damage.sudo().cost),
            ("2", "reported", self.room, 0),
        )
        self.assertEqual(len(damage.photo_ids), 2)
        self.assertEqual(set(damage.photo_ids.mapped("res_id")), set(damage.ids))

    def test_start_menu(self):
        """Those who only clean have it first; others have the kanban."""
        menu = self.env.ref("teahouse_booking.teahouse_my_rooms_menu")
        root = self.env.ref("teahouse_base.teahouse_base_menu_root")
        for role in ("cleaner", "owner", "staff"):
            menus = self.env["ir.ui.menu"].with_user(self.users[role])
            first = menus.load_menus(False)[root.id]["children"][0]
            self.assertEqual(first == menu.id, role == "cleaner", role)
