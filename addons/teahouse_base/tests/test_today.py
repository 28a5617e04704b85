"""The frames of "Today" and of the set-up, and this addon's own parts."""

import json
from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, HttpCase, tagged
from odoo.tools import mute_logger

from .common import PASSWORD, TeahouseCommon

LOGGER = "odoo.addons.teahouse_base.models.teahouse_today"


@tagged("post_install", "-at_install")
class TestToday(TeahouseCommon):
    def load(self, role="owner", store=None):
        today = self.env["teahouse.today"].with_user(self.users[role])
        return today.load(store and store.id)

    def tiles(self, role="owner", store=None):
        return {tile["key"]: tile for tile in self.load(role, store)["tiles"]}

    def test_every_role_may_look(self):
        for role in self.users:
            found = self.load(role)
            self.assertTrue(json.dumps(found), role)
        self.assertEqual(
            [s["name"] for s in self.load("staff")["stores"]], ["Riverside"]
        )
        for user in (self.user_portal, self.member.user_id, self.user_public):
            with self.assertRaises(AccessError):
                self.env["teahouse.today"].with_user(user).load()

    def test_a_store_is_chosen_only_among_the_own(self):
        self.assertEqual(self.load("owner", self.store)["store_id"], self.store.id)
        seen = self.load("staff", self.other_store)
        self.assertEqual(seen["store_id"], self.store.id)

    def test_what_is_not_open_shows(self):
        self.assertNotIn("stores", self.tiles("staff"))
        self.room.state = "closed"
        self.store.write({"state": "paused", "state_reason": "Painting"})
        tile = self.tiles("staff")["stores"]
        self.assertEqual(tile["value"], "2")
        self.assertEqual(tile["items"][0]["text"], "Painting")
        self.assertNotIn("stores", self.tiles("owner", self.other_store))

    def test_who_waits_for_a_review(self):
        self.member.state = "pending"
        self.assertTrue(self.tiles("staff")["review"]["action"]["res_model"])
        self.assertNotIn("review", self.tiles("cleaner"))

    def test_messages_that_failed(self):
        rows = self.env["teahouse.notification"]._notify(
            self.member, "member_approved", {}, "today"
        )
        rows.state = "failed"
        self.assertEqual(self.tiles("manager")["messages"]["level"], "danger")
        self.assertNotIn("messages", self.tiles("staff"))

    def test_addons_bring_tiles(self):
        model = type(self.env["teahouse.today"])
        methods = {
            "_tile_methods": lambda s: ["_tile_good", "_tile_bad", "_tile_foreign"],
            "_tile_good": lambda s, scope: {"key": "good", "title": "Good"},
            "_tile_bad": lambda s, scope: 1 / 0,
            "_tile_foreign": lambda s, scope: s.env["teahouse.sms.account"].search([]),
        }
        for name, method in methods.items():
            patcher = patch.object(model, name, method, create=True)
            patcher.start()
            self.addCleanup(patcher.stop)
        with mute_logger(LOGGER):
            tiles = self.tiles("staff")
        # One that fails says so, one without rights is not there.
        self.assertEqual(set(tiles), {"good", "_tile_bad"})
        self.assertEqual(tiles["good"]["kind"], "number")
        self.assertEqual(tiles["_tile_bad"]["level"], "warning")

    def test_changes_are_told_once_a_transaction(self):
        told = []
        bus = type(self.env["bus.bus"])
        self.env.cr.precommit.run()
        with patch.object(bus, "_sendone", lambda s, *args: told.append(args)):
            self.store.state = "paused"
            self.store.state = "open"
            self.room.state = "closed"
            self.env.cr.precommit.run()
        group = self.env.ref("teahouse_base.teahouse_base_group_staff")
        channels = {args[0][1:] for args in told}
        self.assertEqual(len(told), 4)
        self.assertIn((group._name, group.id), channels)
        self.assertEqual(told[0][1:], ("teahouse_today", {"stores": [self.store.id]}))


@tagged("post_install", "-at_install")
class TestSetup(TeahouseCommon):
    def steps(self):
        found = self.env["teahouse.setup"].with_user(self.user_owner).load()
        return {step["key"]: step for step in found["steps"]}

    def test_only_who_opens_stores(self):
        for role in ("manager", "staff", "accountant"):
            with self.assertRaises(AccessError):
                self.env["teahouse.setup"].with_user(self.users[role]).load()

    def test_steps_follow_what_is_there(self):
        store = self.make_store(name="Empty", latitude=0, longitude=0, open_24h=False)
        steps = self.steps()
        for key in ("place", "rooms", "hours"):
            self.assertEqual(steps[key]["state"], "missing", key)
        self.assertEqual(steps["store"]["state"], "done")
        self.assertEqual(steps["place"]["action"]["res_id"], store.id)
        context = steps["rooms"]["action"]["context"]
        self.assertEqual(context["default_store_id"], store.id)
        store.write({"latitude": 30, "longitude": 120, "open_24h": True})
        self.make_room(store)
        steps = self.steps()
        for key in ("place", "rooms", "hours"):
            self.assertEqual(steps[key]["state"], "done", key)

    def test_an_empty_company_begins_with_the_store(self):
        # As Odoo names it, whatever the database's own company is called.
        companies = self.env["res.company"]
        companies.search([("name", "=", "My Company")]).name = "Somebody else's"
        company = companies.create({"name": "My Company"})
        self.user_owner.write(
            {"company_ids": [(4, company.id)], "company_id": company.id}
        )
        setup = self.env["teahouse.setup"].with_user(self.user_owner)
        found = setup.with_context(allowed_company_ids=company.ids).load()
        steps = {step["key"]: step for step in found["steps"]}
        self.assertFalse(found["ready"])
        self.assertEqual(steps["company"]["state"], "missing")
        self.assertIsNone(steps["rooms"]["action"], "a store comes first")

    def test_several_rooms_at_once(self):
        batch = self.env["teahouse.room.batch"].with_user(self.user_manager)
        with Form(batch) as form:
            form.store_id = self.store
            form.names = "Lotus\n\n Plum \nBamboo\nLotus"
            form.capacity = 6
            self.assertEqual(form.room_count, 3)
        form.record.action_add()
        rooms = self.store.room_ids.filtered(lambda room: room.capacity == 6)
        # Bamboo is there already.
        self.assertEqual(rooms.mapped("name"), ["Lotus", "Plum"])
        with self.assertRaises(ValidationError):
            form.record.action_add()
        with self.assertRaises(AccessError):
            batch.create(
                {"store_id": self.other_store.id, "names": "Mine"}
            ).action_add()


TODAY = """
(async () => {
    const until = async (what, check) => {
        for (let tries = 0; tries < 200; tries++) {
            if (check()) return;
            await new Promise((done) => setTimeout(done, 50));
        }
        throw new Error(`${what} did not happen`);
    };
    const tile = (name) => document.querySelector(`[data-tile=${name}]`);
    await until("the list of tiles", () => tile("stores"));
    const tiles = document.querySelector(".o_teahouse_tiles");
    if (getComputedStyle(tiles).display !== "grid") {
        throw new Error("The styles are not there.");
    }
    if (document.documentElement.scrollWidth > window.innerWidth) {
        throw new Error("The page is wider than a phone.");
    }
    tile("stores").querySelector("button.o_teahouse_row").click();
    await until("opening", () => document.querySelector(".o_form_view"));
    console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestTodayBrowser(TeahouseCommon, HttpCase):
    browser_size = "375x667"
    touch_enabled = True

    def test_a_manager_opens_what_a_tile_shows_on_a_phone(self):
        self.room.state = "closed"
        self.user_manager.password = PASSWORD
        self.browser_js(
            "/odoo/teahouse-today",
            TODAY,
            "odoo.isReady === true",
            login=self.user_manager.login,
            timeout=60,
        )
