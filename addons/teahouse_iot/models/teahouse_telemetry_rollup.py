"""Readings by hour and by day: small, kept for long, and what charts show."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import db_now

RAW_MONTHS = 13
HOUR_DAYS = 400
DAY_DAYS = 3650
# Hours may be computed again for so long: readings are stored when they come in.
AGAIN = timedelta(hours=2)


class TeahouseTelemetryRollup(models.Model):
    """What a device's readings were in an hour or a day (UTC hours, store days)."""

    _name = "teahouse.telemetry.rollup"
    _description = "Readings by hour and day"
    _order = "at desc, device_id"
    _rec_name = "at"
    _log_access = False

    device_id = fields.Many2one(
        "teahouse.device", required=True, readonly=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one("teahouse.store", readonly=True, index=True)
    room_id = fields.Many2one("teahouse.room", readonly=True, index="btree_not_null")
    period = fields.Selection(
        [("hour", "Hour"), ("day", "Day")], required=True, readonly=True
    )
    at = fields.Datetime(string="Begins", required=True, readonly=True)
    readings = fields.Integer(readonly=True)
    temp_c = fields.Float(string="Temperature (°C)", readonly=True, aggregator="avg")
    temp_min_c = fields.Float(string="Coldest (°C)", readonly=True, aggregator="min")
    temp_max_c = fields.Float(string="Warmest (°C)", readonly=True, aggregator="max")
    hum_pct = fields.Float(string="Humidity (%)", readonly=True, aggregator="avg")
    co2_ppm = fields.Float(string="CO2 (ppm)", readonly=True, aggregator="avg")
    co2_max_ppm = fields.Float(
        string="Highest CO2 (ppm)", readonly=True, aggregator="max"
    )
    power_w = fields.Float(string="Power (W)", readonly=True, aggregator="avg")
    energy_wh = fields.Float(string="Energy (Wh)", readonly=True, aggregator="sum")
    presence_pct = fields.Float(string="Occupied (%)", readonly=True, aggregator="avg")

    _once = models.Constraint(
        "UNIQUE(device_id, period, at)", "One row for each device and time."
    )
    _by_time = models.Index("(period, at)")

    @api.model
    def _cron_roll_up(self):
        """Add the hours since the last time, their days, and forget the oldest."""
        now = db_now(self.env)
        [(last,)] = self.env.execute_query(
            SQL("SELECT max(at) FROM teahouse_telemetry_rollup WHERE period = 'hour'")
        )
        first = (last or now - timedelta(days=35)) - AGAIN
        self._roll_hours(first.replace(minute=0, second=0), now)
        self._roll_days(first - timedelta(days=1))
        self._forget(now)

    @api.model
    def _roll_hours(self, since, until):
        """Compute the hours that begin in `[since, until)` (naive UTC) again.

        Energy follows the rule of `engine/energy.py` at hours: what was counted
        between two readings belongs to the hour of the later one.
        """
        self.env.cr.execute(
            SQL(
                """
WITH r AS (
    SELECT t.*, date_trunc('hour', t.received_at) AS hour,
           lag(t.energy_wh) OVER (PARTITION BY t.device_id, t.energy_wh IS NULL
                                  ORDER BY t.received_at, t.id) AS before
      FROM teahouse_telemetry t
     WHERE t.received_at >= %(since)s - interval '6 hours' AND t.received_at < %(until)s
)
INSERT INTO teahouse_telemetry_rollup AS x
       (device_id, store_id, room_id, period, at, readings, temp_c, temp_min_c,
        temp_max_c, hum_pct, co2_ppm, co2_max_ppm, power_w, energy_wh, presence_pct)
SELECT d.id, d.store_id, d.room_id, 'hour', r.hour, count(*), avg(temp_c),
       min(temp_c), max(temp_c), avg(hum_pct), avg(co2_ppm), max(co2_ppm),
       avg(power_w),
       sum(CASE WHEN before IS NULL THEN 0 WHEN energy_wh >= before
                THEN energy_wh - before ELSE energy_wh END),
       avg(CASE WHEN presence THEN 100.0 WHEN presence IS NOT NULL THEN 0 END)
  FROM r JOIN teahouse_device d ON d.id = r.device_id
 WHERE r.hour >= %(since)s
 GROUP BY d.id, r.hour
    ON CONFLICT (device_id, period, at) DO UPDATE
   SET readings = EXCLUDED.readings, temp_c = EXCLUDED.temp_c,
       temp_min_c = EXCLUDED.temp_min_c, temp_max_c = EXCLUDED.temp_max_c,
       hum_pct = EXCLUDED.hum_pct, co2_ppm = EXCLUDED.co2_ppm,
       co2_max_ppm = EXCLUDED.co2_max_ppm, power_w = EXCLUDED.power_w,
       energy_wh = EXCLUDED.energy_wh, presence_pct = EXCLUDED.presence_pct
                """,
                since=since,
                until=until,
            )
        )
        self.invalidate_model()

    @api.model
    def _roll_days(self, since):
        """Compute the stores' days that end after `since` from their hours."""
        self.env.cr.execute(
            SQL(
                """
WITH h AS (
    SELECT x.*, date_trunc('day', x.at AT TIME ZONE 'UTC' AT TIME ZONE s.tz)
                AT TIME ZONE s.tz AT TIME ZONE 'UTC' AS day
      FROM teahouse_telemetry_rollup x JOIN teahouse_store s ON s.id = x.store_id
     WHERE x.period = 'hour' AND x.at >= %(since)s - interval '1 day'
)
INSERT INTO teahouse_telemetry_rollup AS x
       (device_id, store_id, room_id, period, at, readings, temp_c, temp_min_c,
        temp_max_c, hum_pct, co2_ppm, co2_max_ppm, power_w, energy_wh, presence_pct)
SELECT device_id, (array_agg(store_id ORDER BY at DESC))[1],
       (array_agg(room_id ORDER BY at DESC))[1], 'day', day, sum(readings),
       avg(temp_c), min(temp_min_c), max(temp_max_c), avg(hum_pct), avg(co2_ppm),
       max(co2_max_ppm), avg(power_w), sum(energy_wh), avg(presence_pct)
  FROM h WHERE day >= %(since)s
 GROUP BY device_id, day
    ON CONFLICT (device_id, period, at) DO UPDATE
   SET readings = EXCLUDED.readings, temp_c = EXCLUDED.temp_c,
       temp_min_c = EXCLUDED.temp_min_c, temp_max_c = EXCLUDED.temp_max_c,
       hum_pct = EXCLUDED.hum_pct, co2_ppm = EXCLUDED.co2_ppm,
       co2_max_ppm = EXCLUDED.co2_max_ppm, power_w = EXCLUDED.power_w,
       energy_wh = EXCLUDED.energy_wh, presence_pct = EXCLUDED.presence_pct
                """,
                since=since,
            )
        )
        self.invalidate_model()

    @api.model
    def _forget(self, now):
        """Delete what the settings no longer keep."""
        params = self.env["ir.config_parameter"].sudo()
        hours = int(params.get_param("teahouse_iot.hours_keep_days", HOUR_DAYS))
        self.env.cr.execute(
            SQL(
                """DELETE FROM teahouse_telemetry_rollup
                    WHERE period = 'hour' AND at < %s OR period = 'day' AND at < %s""",
                now - timedelta(days=max(hours, 2)),
                now - timedelta(days=DAY_DAYS),
            )
        )
        self.invalidate_model()


class TeahouseTelemetry(models.Model):
    _inherit = "teahouse.telemetry"

    def init(self):
        """Override: the watch looks at the last minutes of all devices."""
        super().init()
        self.env.cr.execute(
            """CREATE INDEX IF NOT EXISTS teahouse_telemetry_received
                   ON teahouse_telemetry USING brin (received_at)
                 WITH (pages_per_range = 32)"""
        )

    @api.model
    def _cron_partitions(self):
        """Override: keep as many months as the setting says."""
        params = self.env["ir.config_parameter"].sudo()
        months = int(params.get_param("teahouse_iot.readings_keep_months", RAW_MONTHS))
        self._ensure_partitions()
        self._drop_old(max(months, 1))


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    teahouse_readings_keep_months = fields.Integer(
        string="Months to keep readings",
        default=RAW_MONTHS,
        config_parameter="teahouse_iot.readings_keep_months",
    )
    teahouse_hours_keep_days = fields.Integer(
        string="Days to keep hourly readings",
        default=HOUR_DAYS,
        config_parameter="teahouse_iot.hours_keep_days",
    )
