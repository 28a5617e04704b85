from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.teahouse_base.tests.common import TeahouseHttpCommon


@tagged("post_install", "-at_install")
class TestCampaign(TeahouseHttpCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.now()
        hour = timedelta(hours=1)
        cls.campaigns = cls.env["teahouse.campaign"].create(
            [
                {"name": "Over", "date_from": now - 2 * hour, "date_to": now - hour},
                {"name": "Endless", "date_from": now - hour},
                {"name": "Running", "date_from": now - hour, "date_to": now + hour},
                {"name": "Coming", "date_from": now + hour},
            ]
        )

    def test_app_shows_what_runs_now(self):
        answer = self.api("GET", "/campaigns").json()
        names = {item["name"] for item in answer["items"]}
        self.assertLessEqual({"Endless", "Running"}, names)
        self.assertFalse({"Over", "Coming"} & names)

    def test_state_and_its_search_agree(self):
        for campaign in self.campaigns:
            found = self.campaigns.search([("state", "=", campaign.state)])
            self.assertIn(campaign, found)
        running = self.campaigns.search([("state", "!=", "over")])
        self.assertNotIn(self.campaigns[0], running)
        self.assertIn(self.campaigns[3], running)

    def test_script_in_a_description_does_not_reach_guests(self):
        self.campaigns[1].description = "<p onclick='x()'>Tea<script>x()</script></p>"
        answer = self.api("GET", "/campaigns").json()
        text = next(i for i in answer["items"] if i["name"] == "Endless")["description"]
        self.assertIn("Tea", text)
        self.assertNotIn("script", text)
        self.assertNotIn("onclick", text)

    @mute_logger("odoo.sql_db")
    def test_campaign_cannot_end_before_it_begins(self):
        with self.assertRaises(psycopg2.errors.CheckViolation):
            self.campaigns[3].date_to = fields.Datetime.now()
            self.campaigns[3].flush_recordset()
