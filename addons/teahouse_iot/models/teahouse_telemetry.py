from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import db_now, seconds

FRESH = 3600


class TeahouseTelemetry(models.Model):
    """Readings of devices, written in batches by the gateway, never by Odoo.

    The table is partitioned by month: old months are dropped as a whole.
    """

    _name = "teahouse.telemetry"
    _description = "Device readings"
    _auto = False
    _order = "received_at desc, id desc"
    _rec_name = "received_at"
    _log_access = False
    # Odoo does not count a partitioned table as one; it reads through this.
    _table_query = "SELECT * FROM teahouse_telemetry"

    device_id = fields.Many2one("teahouse.device", readonly=True)
    store_id = fields.Many2one(related="device_id.store_id")
    received_at = fields.Datetime(readonly=True)
    ts = fields.Datetime(string="Device's time", readonly=True)
    temp_c = fields.Float(string="Temperature (°C)", readonly=True, aggregator="avg")
    hum_pct = fields.Float(string="Humidity (%)", readonly=True, aggregator="avg")
    co2_ppm = fields.Float(string="CO2 (ppm)", readonly=True, aggregator="avg")
    smoke = fields.Boolean(readonly=True)
    presence = fields.Boolean(readonly=True)
    power_w = fields.Float(string="Power (W)", readonly=True, aggregator="avg")
    energy_wh = fields.Float(string="Meter (Wh)", readonly=True, aggregator="max")

    def init(self):
        self.env.cr.execute(
            """
            CREATE TABLE IF NOT EXISTS teahouse_telemetry (
                id bigserial NOT NULL,
                device_id integer NOT NULL,
                received_at timestamp NOT NULL,
                ts timestamp,
                temp_c real, hum_pct real, co2_ppm real,
                smoke boolean, presence boolean,
                power_w real, energy_wh double precision
            ) PARTITION BY RANGE (received_at);
            CREATE TABLE IF NOT EXISTS teahouse_telemetry_default
                PARTITION OF teahouse_telemetry DEFAULT;
            CREATE INDEX IF NOT EXISTS teahouse_telemetry_device_at
                ON teahouse_telemetry (device_id, received_at DESC);
            """
        )
        self._ensure_partitions()

    @api.model
    def _ensure_partitions(self, months=3):
        """Make the partitions of this and the coming months."""
        self.env.cr.execute(
            SQL(
                """SELECT to_char(m, '"teahouse_telemetry_"YYYYMM'),
                          m::date, (m + interval '1 month')::date
                     FROM generate_series(
                        date_trunc('month', now() AT TIME ZONE 'UTC'),
                        now() AT TIME ZONE 'UTC' + %s * interval '1 month',
                        interval '1 month') m
                    WHERE to_regclass(to_char(m, '"teahouse_telemetry_"YYYYMM')) IS NULL
                """,
                months,
            )
        )
        for name, first, last in self.env.cr.fetchall():
            self.env.cr.execute(
                SQL(
                    "CREATE TABLE %s PARTITION OF teahouse_telemetry "
                    "FOR VALUES FROM (%s) TO (%s)",
                    SQL.identifier(name),
                    first,
                    last,
                )
            )

    @api.model
    def _drop_old(self, months=13):
        """Drop the partitions that ended more than `months` ago."""
        self.env.cr.execute(
            SQL(
                """SELECT c.relname FROM pg_inherits i
                     JOIN pg_class c ON c.oid = i.inhrelid
                    WHERE i.inhparent = 'teahouse_telemetry'::regclass
                      AND c.relname ~ '^teahouse_telemetry_[0-9]{6}$'
                      AND c.relname < to_char(
                            now() AT TIME ZONE 'UTC' - %s * interval '1 month',
                            '"teahouse_telemetry_"YYYYMM')""",
                months,
            )
        )
        for (name,) in self.env.cr.fetchall():
            self.env.cr.execute(SQL("DROP TABLE %s", SQL.identifier(name)))

    @api.model
    def _cron_partitions(self):
        """Prepare coming months, forget old ones."""
        self._ensure_partitions()
        self._drop_old()

    @api.model
    def _latest(self, devices, names):
        """Return the newest fresh value per reading.

        :param devices: devices to look at
        :param names: columns
        :return: {name: (value, naive UTC instant)}; readings without one are absent
        """
        if not devices:
            return {}
        result = {}
        for name in names:
            rows = self.env.execute_query(
                SQL(
                    """SELECT %(name)s, received_at FROM teahouse_telemetry
                        WHERE device_id IN %(devices)s AND %(name)s IS NOT NULL
                          AND received_at > %(since)s
                     ORDER BY received_at DESC LIMIT 1""",
                    name=SQL.identifier(name),
                    devices=tuple(devices.ids),
                    since=db_now(self.env) - seconds(FRESH),
                )
            )
            if rows:
                result[name] = (round(rows[0][0], 1), rows[0][1])
        return result
