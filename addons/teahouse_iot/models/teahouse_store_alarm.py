from odoo import fields, models


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    alarm_battery_pct = fields.Integer(
        string="Battery low below (%)", default=20, help="0 = no alarm."
    )
    alarm_offline_minutes = fields.Integer(
        string="Offline after (min)",
        default=5,
        help="A device that is back sooner raises nothing.",
    )
    alarm_co2_ppm = fields.Integer(
        string="CO2 above (ppm)", default=1500, help="0 = no alarm."
    )
    alarm_temp_min_c = fields.Integer(string="Temperature below (°C)", default=5)
    alarm_temp_max_c = fields.Integer(string="Temperature above (°C)", default=35)
    alarm_door_minutes = fields.Integer(
        string="Door open for (min)", default=5, help="0 = no alarm."
    )
    alarm_idle_power_w = fields.Integer(
        string="Power without a booking above (W)", default=100, help="0 = no alarm."
    )
    alarm_idle_power_minutes = fields.Integer(
        string="Power without a booking for (min)", default=15
    )
    alarm_reminder_minutes = fields.Integer(
        string="Remind every (min)",
        default=60,
        help="Until somebody takes the alarm over or the cause is gone; 0 = never.",
    )
    leave_power_w = fields.Integer(
        string="Empty when power is below (W)",
        help="With the door closed, so little power for the store's minutes of "
        "evidence means that the guests are gone; 0 = not looked at.",
    )
    voice_smoke = fields.Char(
        string="Smoke text",
        translate=True,
        default=lambda self: self.env._(
            "Smoke alarm. Please leave the building calmly now."
        ),
        help="Said by every speaker of the store when smoke is found, at any hour.",
    )

    _alarm_limits_valid = models.Constraint(
        """CHECK(alarm_battery_pct BETWEEN 0 AND 100 AND alarm_offline_minutes >= 1
                 AND alarm_co2_ppm >= 0 AND alarm_temp_max_c > alarm_temp_min_c
                 AND alarm_door_minutes >= 0 AND alarm_idle_power_w >= 0
                 AND alarm_idle_power_minutes >= 1 AND alarm_reminder_minutes >= 0
                 AND leave_power_w >= 0)""",
        "The limits of the alarms make no sense.",
    )
