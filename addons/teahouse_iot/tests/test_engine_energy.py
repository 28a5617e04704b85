"""Energy of a window: resets, gaps, windows that touch."""

from datetime import datetime, timedelta

from odoo.tests import BaseCase, tagged

from ..engine.energy import used

T0 = datetime(2026, 11, 22, 14, 0)


def at(minutes):
    return T0 + timedelta(minutes=minutes)


@tagged("post_install", "-at_install")
class TestEnergy(BaseCase):
    def steady(self, first=-30, last=150, step=1, watts=60):
        return [
            (at(m), 1000 + watts * (m + 100) / 60) for m in range(first, last, step)
        ]

    def test_steady_use(self):
        wh, guessed = used(self.steady(), at(0), at(120))
        self.assertAlmostEqual(wh, 120)
        self.assertFalse(guessed)

    def test_counter_that_began_again(self):
        readings = [(at(-1), 900), (at(10), 950), (at(20), 30), (at(30), 40)]
        wh, guessed = used(readings, at(10), at(30))
        self.assertAlmostEqual(wh, 40)
        self.assertFalse(guessed)

    def test_gap_inside_counts_whole(self):
        readings = [
            (at(-1), 0),
            (at(1), 2),
            (at(90), 500),
            (at(119), 510),
            (at(121), 512),
        ]
        wh, guessed = used(readings, at(0), at(120))
        self.assertAlmostEqual(wh, 1 + 498 + 10 + 1)
        self.assertFalse(guessed, "the meter counted on while it was not heard")

    def test_gap_across_an_edge_is_a_guess(self):
        readings = [(at(-60), 0), (at(60), 120), (at(121), 121)]
        wh, guessed = used(readings, at(0), at(60))
        self.assertAlmostEqual(wh, 60)
        self.assertTrue(guessed)

    def test_meter_that_falls_silent(self):
        readings = [(at(-1), 0), (at(30), 31)]
        wh, guessed = used(readings, at(0), at(120))
        self.assertAlmostEqual(wh, 30)
        self.assertTrue(guessed)

    def test_nothing_known(self):
        self.assertIsNone(used([], at(0), at(60)))
        self.assertIsNone(used([(at(5), 100)], at(0), at(60)))
        self.assertIsNone(used([(at(-9), 1), (at(-5), 2)], at(0), at(60)))

    def test_stays_that_follow_share_nothing(self):
        readings = [(at(m), (m * 37) % 400) for m in range(-30, 200, 7)]
        whole, __ = used(readings, at(0), at(150))
        for cut in (1, 33, 70, 149):
            parts = (
                used(readings, at(0), at(cut))[0] + used(readings, at(cut), at(150))[0]
            )
            self.assertAlmostEqual(parts, whole, 6)
