from datetime import datetime, timedelta
from itertools import product

from odoo.tests import BaseCase, tagged

from ..engine.plan import (
    Rules,
    Stay,
    light_until,
    off_steps,
    parse_warnings,
    plan,
    power_until,
)

START = datetime(2026, 12, 5, 6)
END = datetime(2026, 12, 5, 8)


def minutes(number):
    return timedelta(minutes=number)


@tagged("post_install", "-at_install")
class TestPlan(BaseCase):
    def steps(self, now=START, rules=None, **stay):
        stay = Stay(**{"start": START, "end": END, "in_use": True, **stay})
        return {step.key: step for step in plan(stay, rules or Rules(), now)}

    def test_cut_store(self):
        steps = self.steps()
        self.assertEqual(
            {key: step.at for key, step in steps.items()},
            {
                "warn_30": END - minutes(30),
                "warn_15": END - minutes(15),
                "warn_5": END - minutes(5),
                "power_off": END + minutes(1),
                "ac_off": END + minutes(1),
                "light_off": END + minutes(6),
            },
        )
        self.assertEqual(steps["power_off"].guard, "idle")
        self.assertEqual(steps["warn_5"].guard, "booking")

    def test_run_on_store_waits_for_the_end_of_use(self):
        steps = self.steps(rules=Rules(cut=False))
        self.assertEqual(set(steps), {"warn_30", "warn_15", "warn_5"})

    def test_passed_warnings_are_not_said(self):
        steps = self.steps(now=END - minutes(10))
        self.assertNotIn("warn_30", steps)
        self.assertNotIn("warn_15", steps)
        self.assertIn("warn_5", steps)

    def test_late_job_switches_off_now(self):
        now = END + minutes(90)
        steps = self.steps(now=now)
        self.assertEqual(set(steps), {"power_off", "ac_off", "light_off"})
        self.assertEqual(steps["power_off"].at, now)
        self.assertEqual(steps["light_off"].at, now + minutes(5))

    def test_short_stay_has_no_warning_at_its_start(self):
        steps = self.steps(end=START + minutes(30))
        self.assertNotIn("warn_30", steps)
        self.assertIn("warn_15", steps)

    def test_same_guest_goes_on(self):
        steps = self.steps(goes_on=True, goes_on_until=END + minutes(60))
        self.assertFalse(steps)

    def test_before_entry_only_preheating(self):
        self.assertFalse(self.steps(now=START - minutes(60), in_use=False))
        steps = self.steps(
            now=START - minutes(60), in_use=False, rules=Rules(preheat=15)
        )
        self.assertEqual(steps["preheat"].at, START - minutes(15))
        late = self.steps(now=START - minutes(5), in_use=False, rules=Rules(preheat=15))
        self.assertEqual(late["preheat"].at, START - minutes(5))
        self.assertFalse(self.steps(now=START, in_use=False, rules=Rules(preheat=15)))

    def test_until(self):
        stay = Stay(START, END, True)
        self.assertEqual(power_until(stay, Rules()), END + minutes(1))
        self.assertEqual(light_until(stay, Rules()), END + minutes(6))
        self.assertEqual(power_until(stay, Rules(cut=False)), END + minutes(121))
        limited = Stay(START, END, True, limit=END + minutes(45))
        self.assertEqual(power_until(limited, Rules(cut=False)), END + minutes(46))
        going_on = Stay(START, END, True, goes_on=True, goes_on_until=END + minutes(60))
        self.assertEqual(power_until(going_on, Rules()), END + minutes(61))

    def test_light_follows_power(self):
        power, ac, light = off_steps(END, Rules(light_off_delay=7))
        self.assertEqual((power.at, ac.at), (END, END))
        self.assertEqual(light.at, END + minutes(7))

    def test_every_step_lies_ahead_and_expires_later(self):
        """Over a grid of stays and times: nothing late, nothing without an end."""
        for length, passed, cut, warnings in product(
            (1, 20, 60, 600), (0, 1, 19, 59, 61, 700), (True, False), ((), (30, 15, 5))
        ):
            stay = Stay(START, START + minutes(length), True)
            now = START + minutes(passed)
            steps = plan(stay, Rules(cut=cut, warnings=warnings), now)
            self.assertEqual(steps, sorted(steps, key=lambda step: step.at))
            for step in steps:
                self.assertGreaterEqual(step.at, now)
                self.assertGreater(step.expires, step.at)

    def test_parse_warnings(self):
        self.assertEqual(parse_warnings("30, 15,5"), (30, 15, 5))
        self.assertEqual(parse_warnings("30，10"), (30, 10))
        self.assertEqual(parse_warnings(""), ())
        for text in ("a", "0", "-5", "999"):
            with self.assertRaises(ValueError, msg=text):
                parse_warnings(text)
