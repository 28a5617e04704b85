from datetime import timedelta

from odoo.tests import tagged

from ..tools import db_now
from .common import DeviceCommon


@tagged("post_install", "-at_install")
class TestTelemetry(DeviceCommon):
    def reading(self, device, age=0, **values):
        columns = ", ".join(values)
        self.env.cr.execute(
            f"INSERT INTO teahouse_telemetry (device_id, received_at, {columns}) "
            f"VALUES (%s, %s{', %s' * len(values)})",
            [device.id, db_now(self.env) - timedelta(seconds=age), *values.values()],
        )

    def latest(self):
        return self.env["teahouse.telemetry"]._latest(
            self.room._devices(("sensor", "power")), ("temp_c", "co2_ppm")
        )

    def test_latest_values_of_several_devices(self):
        sensor = self.make_device("sensor")
        self.reading(sensor, age=120, temp_c=21.04)
        self.reading(sensor, age=60, temp_c=23.84)
        self.reading(sensor, age=30, co2_ppm=618)
        latest = self.latest()
        self.assertEqual(latest["temp_c"][0], 23.8)
        self.assertEqual(latest["co2_ppm"][0], 618)

    def test_old_values_are_not_shown(self):
        sensor = self.make_device("sensor")
        self.reading(sensor, age=7200, temp_c=21)
        self.assertEqual(self.latest(), {})

    def test_rows_land_in_the_month(self):
        month = db_now(self.env).strftime("teahouse_telemetry_%Y%m")
        self.reading(self.power, power_w=41.2)
        self.env.cr.execute(
            "SELECT tableoid::regclass::text FROM teahouse_telemetry "
            "WHERE device_id = %s",
            [self.power.id],
        )
        self.assertEqual(self.env.cr.fetchone()[0], month)
        row = self.env["teahouse.telemetry"].search([("device_id", "=", self.power.id)])
        self.assertAlmostEqual(row.power_w, 41.2, 1)

    def test_old_months_are_dropped(self):
        self.env.cr.execute(
            "CREATE TABLE teahouse_telemetry_202001 PARTITION OF teahouse_telemetry "
            "FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')"
        )
        self.env["teahouse.telemetry"]._cron_partitions()
        self.env.cr.execute("SELECT to_regclass('teahouse_telemetry_202001')")
        self.assertIsNone(self.env.cr.fetchone()[0])
