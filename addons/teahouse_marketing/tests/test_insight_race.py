from collections import Counter

from odoo.tests import tagged

from .race import MarketingRace


@tagged("post_install", "-at_install", "race")
class TestInsightRace(MarketingRace):
    def test_two_jobs_that_count_at_once(self):
        """The figures and the forecast come due together: none gives up."""

        def count(env):
            env["teahouse.insight.fact"]._cron_refresh()

        def foretell(env):
            facts = env["teahouse.insight.fact"]
            facts._enter()
            facts._refresh(everything=True)

        outcomes = Counter(self.race(count, foretell, count, foretell))

        self.assertEqual(outcomes, {"won": 4})
