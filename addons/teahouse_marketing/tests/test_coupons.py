import base64
import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import MarketingCommon, StayCommon


@tagged("post_install", "-at_install")
class TestClaims(StayCommon):
    def claim(self, program, status=201, member=None):
        path = f"/coupons/{program.id}/claim"
        return self.call("POST", path, status=status, member=member)

    def redeem(self, code, status=201, member=None):
        body = {"code": code}
        return self.call("POST", "/coupons/redeem-code", body, status, member)

    def test_claimed_within_the_limits(self):
        program = self.make_program(coupon_claimable=True, claim_limit=1)
        shown = self.api("GET", "/coupons").json()["items"]
        mine = next(item for item in shown if item["id"] == program.id)
        self.assertEqual((mine["left"], mine["claimable"]), (1, True))

        card = self.claim(program)

        self.assertEqual(card["state"], "available")
        self.assertEqual(self.claim(program, 409)["code"], "invalid_state")
        answer = self.claim(program, 409, self.member_2)
        self.assertEqual(answer["code"], "invalid_state")
        mine = self.call("GET", "/me/coupons?state=available")["items"]
        self.assertEqual([item["id"] for item in mine], [card["id"]])

    def test_what_cannot_be_claimed(self):
        hidden = self.make_program()
        over = self.make_program(
            coupon_claimable=True, date_to=fields.Date.today() - timedelta(days=1)
        )
        tiered = self.make_program(
            coupon_claimable=True, coupon_tier_ids=self.tier_green.ids
        )
        self.claim(hidden, 404)
        self.claim(over, 409)
        self.claim(tiered, 409)
        shown = {i["id"]: i for i in self.api("GET", "/coupons").json()["items"]}
        self.assertNotIn(hidden.id, shown)
        self.assertNotIn(over.id, shown)

    def test_tier_is_let_in_early(self):
        self.tier_green.early_days = 3
        program = self.make_program(
            coupon_claimable=True, date_from=fields.Date.today() + timedelta(days=2)
        )
        self.claim(program, 409)
        self.member.tier_id = self.tier_green
        self.claim(program)

    def test_printed_code_belongs_to_the_first_who_enters_it(self):
        batch = self.env["teahouse.coupon.batch"].create(
            {"program_id": self.make_program().id, "count": 2}
        )
        batch.action_generate()
        batch._make_chunk()
        code = batch.card_ids[0].code

        text = f"https://tea.example/app?code={code.lower()}"
        answer = self.redeem(text)
        again = self.redeem(code)
        self.redeem(code, 404, self.member_2)

        self.assertEqual(answer["id"], again["id"])
        events = batch.card_ids[0].history_ids.sorted("id").mapped("teahouse_event")
        self.assertEqual(events, ["issued", "claimed"])

    def test_code_for_everybody(self):
        program = self.make_program(coupon_code="Spring26", claim_limit=1)
        self.redeem("spring26")
        self.redeem("SPRING26", 409)
        self.redeem("SPRING26", 409, self.member_2)
        self.redeem("SPRING27", 404)
        self.redeem("%%%", 404)
        self.assertEqual(program.claim_count, 1)

    def test_guessing_codes_is_slowed_down(self):
        programs = self.as_member("loyalty.program")
        for _i in range(10):
            with self.assert_code("not_found"):
                programs._api_redeem_code("WRONGCODE234")
        with self.assert_code("rate_limited"):
            programs._api_redeem_code("WRONGCODE234")


@tagged("post_install", "-at_install")
class TestCoupons(MarketingCommon):
    def make_batch(self, **values):
        values = {"program_id": self.make_program().id, **values}
        return self.env["teahouse.coupon.batch"].create(values)

    def run_batch(self, batch):
        batch.action_generate()
        while batch.state == "running":
            batch._make_chunk()

    def test_ten_thousand_codes(self):
        batch = self.make_batch(count=10000)
        start = time.monotonic()
        self.run_batch(batch)
        seconds = time.monotonic() - start

        cards = batch.card_ids
        self.assertEqual(len(cards), 10000)
        self.assertEqual(len(set(cards.mapped("code"))), 10000)
        self.assertEqual(len(cards.history_ids), 10000)
        self.assertEqual((batch.done, batch.progress), (10000, 100))
        # A wide margin over what the issue asks for is left to slow machines.
        self.assertLess(seconds, 20)

    def test_progress_is_seen_chunk_by_chunk(self):
        batch = self.make_batch(count=1500)
        batch.action_generate()
        batch._make_chunk()
        self.assertEqual((batch.state, batch.done), ("running", 1000))
        self.assertAlmostEqual(batch.progress, 66.7, 1)
        batch._make_chunk()
        self.assertEqual((batch.state, batch.done), ("done", 1500))
        batch.action_generate()
        self.assertEqual(batch.state, "done")

    def test_given_to_a_segment_once_each(self):
        self.member.tier_id = self.tier_green
        segment = self.env["teahouse.segment"].create(
            {"name": "Green", "tier_ids": self.tier_green.ids}
        )
        batch = self.make_batch(audience="segment", segment_id=segment.id)
        self.run_batch(batch)
        self.assertEqual(batch.card_ids.teahouse_member_id, self.member)
        self.assertEqual(len(batch.card_ids), 1)
        told = self.env["teahouse.notification"].search(
            [("event_key", "=", f"coupon-batch:{batch.id}")]
        )
        self.assertEqual(told.member_id, self.member)

    def test_given_to_chosen_members_and_to_all(self):
        chosen = self.make_batch(audience="members", member_ids=self.member_2.ids)
        self.run_batch(chosen)
        self.assertEqual(chosen.card_ids.teahouse_member_id, self.member_2)
        everybody = self.make_batch(audience="all", notify=False)
        self.run_batch(everybody)
        self.assertLessEqual(
            self.member | self.member_2, everybody.card_ids.teahouse_member_id
        )

    def test_expiry_and_withdrawal_are_part_of_the_life(self):
        old, kept = self.give(), self.give()
        old.expiration_date = fields.Date.today() - timedelta(days=1)
        with self.enter_registry_test_mode():
            self.env.ref(
                "teahouse_marketing.cron_expire_coupons"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(old.teahouse_state, "expired")
        kept.with_user(self.user_owner).action_revoke()
        self.assertEqual(kept.teahouse_state, "revoked")
        self.assertEqual(
            kept.history_ids.sorted("id").mapped("teahouse_event"),
            ["issued", "revoked"],
        )

    def test_birthday_gift_comes_once_a_year(self):
        today = fields.Date.today()
        program = self.make_program(coupon_audience="birthday", birthday_days=7)
        self.tier_green.birthday_program_id = program
        self.member.write(
            {"birthday": today + timedelta(days=7), "tier_id": self.tier_green.id}
        )
        self.member.birthday = self.member.birthday.replace(year=1988)
        for _i in range(2):
            self.env["teahouse.member"]._cron_tiers()
        cards = self.env["loyalty.card"].search([("program_id", "=", program.id)])
        self.assertEqual(cards.teahouse_member_id, self.member)
        self.assertEqual(len(cards), 1)

    def test_each_coupon_has_a_qr_code(self):
        image = base64.b64decode(self.give().with_user(self.user_owner).qr_image)
        self.assertTrue(image.startswith(b"\x89PNG"))

    def test_leap_day_birthdays(self):
        self.member.birthday = fields.Date.to_date("2000-02-29")
        self.assertTrue(self.member._has_birthday(fields.Date.to_date("2027-02-28")))
        self.assertTrue(
            self.member._has_birthday(fields.Date.to_date("2026-12-31"), 60)
        )

    def test_coupon_gives_something(self):
        with self.assertRaises(ValidationError):
            self.make_program(coupon_value=0)

    def test_owner_makes_coupons_and_others_do_not(self):
        values = {"name": "Mine", "teahouse_coupon": True, "coupon_value": 5}
        programs = self.env["loyalty.program"]
        program = programs.with_user(self.user_owner).create(values)
        self.assertEqual(program.reward_ids.discount, 5)
        program.with_user(self.user_owner).coupon_value = 8
        self.assertEqual(program.sudo().reward_ids.discount, 8)
        batches = self.env["teahouse.coupon.batch"]
        for user in (
            self.user_manager,
            self.user_staff,
            self.user_cleaner,
            self.user_accountant,
            self.user_technician,
            self.member.user_id,
        ):
            with self.subTest(user.login), self.assertRaises(AccessError):
                programs.with_user(user).create(values)
            with self.subTest(user.login), self.assertRaises(AccessError):
                batches.with_user(user).create({"program_id": program.id})
        batches.with_user(self.user_owner).create({"program_id": program.id})


@tagged("post_install", "-at_install")
class TestTiers(MarketingCommon):
    def test_changes_are_kept_with_their_reason(self):
        self.member._grow(150, "A stay")
        self.member._grow(-100, "A refund")
        history = self.member.tier_history_ids.sorted("id")
        self.assertEqual(history.mapped("direction"), ["up", "down"])
        self.assertEqual(history.mapped("note"), ["A stay", "A refund"])

    def test_bought_tier_lasts_for_its_days_and_is_prolonged(self):
        self.tier_oolong.write({"price": 99, "valid_days": 30})
        today = fields.Date.context_today(self.member)
        self.member._buy_tier(self.tier_oolong)
        self.member._buy_tier(self.tier_oolong)
        self.assertEqual(self.member.tier_id, self.tier_oolong)
        self.assertEqual(self.member.tier_until, today + timedelta(days=60))

        self.member.tier_until = today - timedelta(days=1)
        self.env["teahouse.member"]._cron_tiers()

        self.assertFalse(self.member.tier_id)
        self.assertEqual(
            self.member.tier_history_ids.sorted("id").mapped("reason"),
            ["purchase", "expired"],
        )

    def test_growth_above_the_bought_tier_counts(self):
        self.member._buy_tier(self.tier_green)
        self.member._grow(1000)
        self.assertEqual(self.member.tier_id, self.tier_oolong)


@tagged("post_install", "-at_install")
class TestPoints(MarketingCommon):
    def age(self, card, days):
        """Make the entries of a card older."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE loyalty_history SET create_date = create_date - %s"
            " WHERE card_id = %s",
            (timedelta(days=days), card.id),
        )
        self.env.invalidate_all()

    def expire(self):
        cron = self.env.ref("teahouse_marketing.cron_expire_coupons")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_oldest_points_are_spent_first_and_expire(self):
        card = self.give_points(100)
        self.age(card, 800)
        card._teahouse_move(50, "new", self.member)
        card._teahouse_move(-30, "stay", self.member)

        self.expire()
        self.assertEqual(card.points, 50)
        self.expire()
        self.assertEqual(card.points, 50)
        self.assertEqual(card.history_ids.sorted("id")[-1].teahouse_event, "expired")

    def test_points_stay_where_they_never_expire(self):
        self.company.teahouse_points_months = 0
        card = self.give_points(100)
        self.age(card, 8000)
        self.expire()
        self.assertEqual(card.points, 100)

    def test_days_of_more_points(self):
        now = fields.Datetime.now()
        day = self.store._local(now + timedelta(days=3)).strftime("%a").lower()
        self.env["teahouse.campaign"].create(
            [
                {"name": "Triple", "points_factor": 3, day: True},
                {
                    "name": "Elsewhere",
                    "points_factor": 9,
                    "store_ids": self.other_store.ids,
                },
                {
                    "name": "Over",
                    "points_factor": 9,
                    "date_from": now - timedelta(days=9),
                    "date_to": now - timedelta(days=8),
                },
            ]
        )
        booking = self.env["teahouse.booking"].create(
            {
                "room_id": self.room.id,
                "member_id": self.member.id,
                "start": now + timedelta(days=3),
                "end": now + timedelta(days=3, hours=2),
            }
        )
        self.assertEqual(booking._points_factor(), 3)
        booking.start -= timedelta(days=1)
        self.assertEqual(booking._points_factor(), 1)
