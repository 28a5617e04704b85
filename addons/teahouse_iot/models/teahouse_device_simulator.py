"""Control of the simulated devices of a demonstration."""

import json
import urllib.error
import urllib.request

from odoo import models
from odoo.tools import config

from odoo.addons.teahouse_base.exceptions import TeahouseError

TIMEOUT_SECONDS = 3
# What may be asked of a simulated device: name -> (verb, what is sent).
TRICKS = {
    "offline": ("faults", {"offline": True}),
    "jammed": ("faults", {"lie": "jammed"}),
    "late_answer": ("faults", {"slow_s": 4}),
    "lost_answer": ("faults", {"drop_ack": True}),
    "double_answer": ("faults", {"dup_ack": True}),
    "wrong_clock": ("faults", {"skew_s": 600}),
    "heal": ("faults", {"reset": True}),
    "door_open": ("event", {"ev": "door", "open": True}),
    "door_closed": ("event", {"ev": "door", "open": False}),
    "smoke": ("event", {"ev": "smoke", "sev": "critical", "on": True}),
    "smoke_over": ("event", {"ev": "smoke", "on": False}),
    "tamper": ("event", {"ev": "tamper", "sev": "critical", "on": True}),
    "stuffy": ("readings", {"co2_ppm": 2400}),
    "hot": ("readings", {"temp_c": 41}),
    "battery_low": ("readings", {"bat_pct": 7}),
    "stray_power": ("readings", {"power_w": 900}),
    "usual": ("readings", {"reset": True}),
}


class TeahouseDevice(models.Model):
    _inherit = "teahouse.device"

    def _simulator_url(self):
        """Return the address of the simulator's control port, None without one."""
        port = config.get("teahouse_simulator_port")
        return f"http://127.0.0.1:{int(port)}" if port else None

    def simulate(self, trick):
        """Have a simulated device (one) misbehave, or be well again.

        Only where the server's configuration names the simulator's port.

        :param str trick: one of `TRICKS`
        :raise TeahouseError: forbidden, invalid_request, device_offline
        """
        self.ensure_one()
        self.check_access("write")
        address = self._simulator_url()
        if not address:
            raise TeahouseError(
                "forbidden", self.env._("There are no simulated devices here.")
            )
        if trick not in TRICKS:
            raise TeahouseError("invalid_request", self.env._("Unknown wish."))
        verb, body = TRICKS[trick]
        request = urllib.request.Request(
            f"{address}/devices/{self.uid}/{verb}",
            data=json.dumps(body).encode(),
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):
                return True
        except (OSError, urllib.error.HTTPError) as error:
            raise TeahouseError(
                "device_offline", self.env._("The simulated device does not answer.")
            ) from error
