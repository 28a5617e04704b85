from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MarketingCommon


@tagged("post_install", "-at_install")
class TestCampaignSend(MarketingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        templates = cls.env["teahouse.notification.template"]
        cls.template, cls.template_b = templates.create(
            [
                {"name": "A", "code": "test_a", "title": "Tea", "body": "{campaign}"},
                {"name": "B", "code": "test_b", "title": "Tee", "body": "{campaign}"},
            ]
        )
        cls.crowd = cls.env["teahouse.member"]
        for number in range(6):
            cls.crowd |= cls.make_member(name=f"Guest {number}")
        cls.segment = cls.env["teahouse.segment"].create(
            {"name": "Crowd", "domain": f"[('id', 'in', {cls.crowd.ids})]"}
        )

    def make_campaign(self, **values):
        return self.env["teahouse.campaign"].create(
            {
                "name": "Spring",
                "segment_id": self.segment.id,
                "template_id": self.template.id,
                **values,
            }
        )

    def send(self, campaign):
        campaign.action_send()
        if campaign.send_state == "scheduled":
            campaign._gather()
        while campaign.send_state == "running":
            campaign._send_chunk()
        self.env.invalidate_all()

    def told(self, campaign):
        return self.env["teahouse.notification"].search(
            [("event_key", "like", f"campaign:{campaign.id}:%")]
        )

    def test_each_is_told_once_and_refusal_is_respected(self):
        self.crowd[0].marketing_opt_out = True
        campaign = self.make_campaign()
        self.assertEqual(self.segment.size, 6)
        self.assertEqual(self.segment.reachable, 5)
        self.assertEqual(campaign.audience_size, 5)

        self.send(campaign)
        self.send(campaign)

        rows = self.told(campaign)
        self.assertEqual(rows.member_id, self.crowd[1:])
        self.assertEqual(len(rows), 5)
        self.assertEqual(set(rows.mapped("state")), {"sent"})
        self.assertEqual(rows[0].body, "Spring")
        self.assertTrue(rows[0].marketing)
        self.assertEqual((campaign.send_state, campaign.told_count), ("done", 5))

    def test_no_more_often_than_the_company_allows(self):
        self.company.write({"teahouse_marketing_cap": 1, "teahouse_marketing_days": 7})
        first = self.make_campaign()
        self.send(first)
        second = self.make_campaign()
        self.assertEqual(second.audience_size, 0)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE teahouse_campaign_recipient SET create_date = create_date"
            " - interval '8 days' WHERE campaign_id = %s",
            [first.id],
        )
        self.send(second)
        self.assertEqual(second.told_count, 6)

    def test_budget_is_kept(self):
        campaign = self.make_campaign(cost_message=0.1, budget=0.3)
        self.send(campaign)
        self.assertEqual(campaign.told_count, 3)
        self.assertEqual(campaign.result_ids.cost, 0.3)

    def test_two_messages_and_what_came_of_them(self):
        campaign = self.make_campaign(template_b_id=self.template_b.id)
        self.send(campaign)
        by_variant = campaign.recipient_ids.grouped("variant")
        self.assertEqual(set(by_variant), {"a", "b"})
        rows = self.told(campaign)
        self.assertEqual(set(rows.mapped("title")), {"Tea", "Tee"})

        reader = by_variant["b"][0].member_id
        row = rows.filtered(lambda one: one.member_id == reader)
        row.write({"state": "read"})
        start = fields.Datetime.now() + timedelta(days=2)
        self.env["teahouse.booking"].create(
            {
                "room_id": self.room.id,
                "member_id": reader.id,
                "start": start,
                "end": start + timedelta(hours=2),
                "state": "confirmed",
            }
        )
        self.env.flush_all()
        # As the form reads them.
        self.assertEqual(len(campaign.result_ids.web_read({"opened": {}})), 2)
        results = {one.variant: one for one in campaign.result_ids}
        self.assertEqual(sum(one.told for one in results.values()), 6)
        self.assertEqual((results["b"].opened, results["b"].booked), (1, 1))
        self.assertEqual((results["a"].opened, results["a"].booked), (0, 0))

    def test_coupon_comes_along(self):
        program = self.make_program()
        campaign = self.make_campaign(program_id=program.id)
        self.send(campaign)
        cards = self.env["loyalty.card"].search([("program_id", "=", program.id)])
        self.assertEqual(cards.teahouse_member_id, self.crowd)
        self.assertEqual(cards.teahouse_batch_id.campaign_id, campaign)

    def test_waits_until_it_is_time(self):
        campaign = self.make_campaign(
            send_at=fields.Datetime.now() + timedelta(hours=1)
        )
        campaign.action_send()
        with self.enter_registry_test_mode():
            self.env.ref("teahouse_marketing.cron_campaigns").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(campaign.send_state, "scheduled")
        campaign.action_unschedule()
        self.assertEqual(campaign.send_state, "draft")
        campaign.template_id = False
        with self.assertRaises(UserError):
            campaign.action_send()

    def test_who_sends(self):
        campaign = self.make_campaign(store_ids=self.store.ids)
        for user in (self.user_staff, self.user_accountant, self.user_cleaner):
            with self.subTest(user.login), self.assertRaises(AccessError):
                campaign.with_user(user).action_send()
        campaign.with_user(self.user_manager).action_send()
        self.assertEqual(campaign.send_state, "scheduled")


@tagged("post_install", "-at_install")
class TestSegment(MarketingCommon):
    def test_conditions(self):
        now = fields.Datetime.now()
        self.member.write({"stay_count": 5, "last_stay_at": now - timedelta(days=60)})
        self.member_2.write({"stay_count": 1, "last_stay_at": now})
        both = self.member | self.member_2
        for values, expected in (
            ({"stays_from": 2}, self.member),
            ({"away_days": 30}, self.member),
            ({"came_days": 30}, self.member_2),
            ({"stays_to": 1, "stays_from": 1}, self.member_2),
            ({"joined_days": 2}, both),
            ({"newcomer": True}, both.browse()),
        ):
            with self.subTest(values):
                segment = self.env["teahouse.segment"].create({"name": "S", **values})
                found = both.search([*segment._member_domain(), ("id", "in", both.ids)])
                self.assertEqual(found, expected)

    def test_calls_are_planned_once(self):
        segment = self.env["teahouse.segment"].create(
            {"name": "S", "domain": f"[('id', '=', {self.member.id})]"}
        )
        segment.with_user(self.user_owner).action_plan_activities()
        segment.with_user(self.user_owner).action_plan_activities()
        self.assertEqual(
            self.env["mail.activity"].search_count(
                [
                    ("res_model", "=", "teahouse.member"),
                    ("res_id", "=", self.member.id),
                ]
            ),
            1,
        )
