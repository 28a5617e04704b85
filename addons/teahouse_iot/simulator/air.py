"""The air of a simulated room: it warms, cools and is used up slowly."""

import math
import random

DAY = 86400
OUTSIDE_CO2, STUFFY_CO2 = 430, 1150
#: Seconds in which most of a change has happened.
SLOWNESS = 1800


class Air:
    """Temperature, humidity and CO2 between two readings."""

    def __init__(self):
        self.temp_c = random.uniform(21, 24)
        self.hum_pct = random.uniform(45, 60)
        self.co2_ppm = random.uniform(430, 550)

    def breathe(self, now, elapsed, occupied):
        """Return the readings after ``elapsed`` seconds.

        :param float now: seconds since the epoch; afternoons are warmer
        :param bool occupied: people breathe, and the room is heated or cooled
        """
        step = 1 - math.exp(-max(elapsed, 0) / SLOWNESS)
        # Warmest at about 15:00 in China, which is 07:00 UTC.
        sun = math.cos(2 * math.pi * ((now % DAY) - 7 * 3600) / DAY)
        warm = 24.0 if occupied else 22.0 + 1.5 * sun
        self.temp_c += (warm - self.temp_c) * step + random.gauss(0, 0.05)
        moist = 58 if occupied else 50
        self.hum_pct += (moist - self.hum_pct) * step + random.gauss(0, 0.3)
        target = STUFFY_CO2 if occupied else OUTSIDE_CO2
        self.co2_ppm += (target - self.co2_ppm) * step + random.gauss(0, 6)
        return {
            "temp_c": round(min(max(self.temp_c, 10), 34), 1),
            "hum_pct": round(min(max(self.hum_pct, 20), 90), 1),
            "co2_ppm": int(min(max(self.co2_ppm, 400), 1400)),
        }
