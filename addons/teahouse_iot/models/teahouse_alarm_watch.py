"""Alarms that come from readings and from what stays as it is for too long."""

from odoo import api, models
from odoo.tools import SQL

from ..tools import db_now, seconds

# Alarms look at the mean of so many seconds: one odd reading raises nothing.
MEAN_SECONDS = 300
# An alarm ends when the reading is better than its limit by this share.
MARGIN = 0.1
TEMP_MARGIN_C = 1
# The gateway repeats what it noticed itself once an hour while the cause lasts.
WELL_SECONDS = 7200


class TeahouseAlarm(models.Model):
    _inherit = "teahouse.alarm"

    @api.model
    def _cron_watch(self):
        """Override: look at the air, the doors and the meters as well."""
        result = super()._cron_watch()
        self._watch_air()
        self._watch_doors()
        self._watch_idle_power()
        self._watch_manners()
        self._remind()
        self.env["teahouse.booking"].sudo()._watch_leaving()
        self.env["teahouse.booking"].sudo()._meter_ended()
        return result

    # === AIR === #

    @api.model
    def _watch_air(self):
        """Compare the mean of the last minutes with each store's limits."""
        rows = self.env.execute_query(
            SQL(
                """SELECT device_id, avg(co2_ppm), avg(temp_c),
                          (array_agg(smoke ORDER BY received_at DESC)
                           FILTER (WHERE smoke IS NOT NULL))[1]
                     FROM teahouse_telemetry
                    WHERE received_at > %s
                      AND (co2_ppm IS NOT NULL OR temp_c IS NOT NULL
                           OR smoke IS NOT NULL)
                 GROUP BY device_id""",
                db_now(self.env) - seconds(MEAN_SECONDS),
            )
        )
        devices_sudo = (
            self.env["teahouse.device"].sudo().browse(row[0] for row in rows).exists()
        )
        known = {device.id: device for device in devices_sudo}
        for device_id, co2, temp, smoke in rows:
            device = known.get(device_id)
            if device:
                self._judge_co2(device, co2)
                self._judge_temperature(device, temp)
                self._judge_smoke(device, smoke)

    def _judge_co2(self, device, co2):
        limit = device.store_id.alarm_co2_ppm
        if co2 is None:
            return
        if limit and co2 > limit:
            self._raise_alarm(device, "co2", f"{co2:.0f} ppm")
        elif not limit or co2 < limit * (1 - MARGIN):
            self._recover(device, ("co2",))

    def _judge_temperature(self, device, temp):
        store = device.store_id
        low, high = store.alarm_temp_min_c, store.alarm_temp_max_c
        if temp is None:
            return
        if not low <= temp <= high:
            self._raise_alarm(device, "temperature", f"{temp:.1f} °C")
        elif low + TEMP_MARGIN_C <= temp <= high - TEMP_MARGIN_C:
            self._recover(device, ("temperature",))

    def _judge_smoke(self, device, smoke):
        """Take smoke from a reading; what an event reported only an event ends."""
        if smoke:
            self._raise_alarm(device, "smoke", "reading")
        elif smoke is False:
            self.sudo().search(
                [
                    ("device_id", "=", device.id),
                    ("kind", "=", "smoke"),
                    ("state", "=", "open"),
                    ("detail", "=", "reading"),
                ]
            )._close()

    # === CLOCK AND FLOOD === #

    @api.model
    def _watch_manners(self):
        """Close alarms of devices that have spoken for long without the fault.

        One that is silent may be as wrong as before.
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT a.id
                     FROM teahouse_alarm a
                     JOIN teahouse_device d ON d.id = a.device_id
                    WHERE a.state = 'open' AND a.kind IN ('clock', 'flood')
                      AND d.last_seen_at - %s * interval '1 second' > GREATEST(
                              a.opened_at,
                              (SELECT max(e.received_at)
                                 FROM teahouse_device_event e
                                WHERE e.device_id = d.id AND e.ev = a.kind))""",
                WELL_SECONDS,
            )
        )
        self.sudo().browse(row[0] for row in rows)._close()

    # === DOORS === #

    @api.model
    def _watch_doors(self):
        now = db_now(self.env)
        states = self.env["teahouse.device"]._latest_events("door")
        left_open = self.env["teahouse.device"].sudo()
        for device, (payload, at) in states.items():
            limit = device.store_id.alarm_door_minutes
            if limit and is_open(payload) and at <= now - seconds(60 * limit):
                left_open |= device
        self._raise_alarm(left_open, "door_open")
        self._recover_where("door_open", [("device_id", "not in", left_open.ids)])

    # === POWER === #

    @api.model
    def _watch_idle_power(self):
        """Find rooms that use power while nobody should be in them."""
        devices_sudo = (
            self.env["teahouse.device"]
            .sudo()
            .search([("kind", "=", "power"), ("store_id.alarm_idle_power_w", ">", 0)])
        )
        least = self.env["teahouse.telemetry"]._least_power(devices_sudo)
        wasting = devices_sudo.filtered(
            lambda device: (
                least.get(device.id, 0) > device.store_id.alarm_idle_power_w
                and not device._power_wanted()
            )
        )
        for device in wasting:
            self._raise_alarm(device, "idle_power", f"{least[device.id]:.0f} W")
        self._recover_where(
            "idle_power",
            [
                ("device_id", "not in", wasting.ids),
                ("device_id", "in", [*least, *self._wanted_power()]),
            ],
        )

    @api.model
    def _wanted_power(self):
        """Return ids of devices with this alarm whose power is wanted by now."""
        alarms = self.sudo().search(
            [("kind", "=", "idle_power"), ("state", "=", "open")]
        )
        return alarms.device_id.filtered(lambda device: device._power_wanted()).ids


def is_open(payload):
    """Whether a door event says that the door stands open."""
    # Devices of other makes say `open`, our own may say `on`.
    return bool(payload.get("open", payload.get("on")))


class TeahouseTelemetry(models.Model):
    _inherit = "teahouse.telemetry"

    @api.model
    def _least_power(self, devices):
        """Return the least power each meter showed over its store's minutes.

        A meter that was not heard through most of that time says nothing.

        :return: {device id: watts}
        """
        if not devices:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT t.device_id, min(t.power_w)
                     FROM teahouse_telemetry t
                     JOIN teahouse_device d ON d.id = t.device_id
                     JOIN teahouse_store s ON s.id = d.store_id
                    WHERE t.device_id IN %(devices)s AND t.power_w IS NOT NULL
                      AND t.received_at > %(now)s
                          - s.alarm_idle_power_minutes * interval '1 minute'
                 GROUP BY t.device_id, s.alarm_idle_power_minutes
                   HAVING count(*) > 1
                      AND min(t.received_at) < %(now)s
                          - s.alarm_idle_power_minutes * interval '40 seconds'""",
                devices=tuple(devices.ids),
                now=db_now(self.env),
            )
        )
        return dict(rows)


class TeahouseDevice(models.Model):
    _inherit = "teahouse.device"

    @api.model
    def _latest_events(self, ev, devices=None):
        """Return what devices last reported of a kind of event.

        :param str ev: door or presence
        :param devices: only these
        :return: {device (sudo): (payload, naive UTC instant)}
        """
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (e.device_id) e.device_id, e.payload,
                          COALESCE(e.ts, e.received_at)
                     FROM teahouse_device_event e
                     JOIN teahouse_device d ON d.id = e.device_id AND d.active
                    WHERE e.ev = %s AND (%s OR e.device_id = ANY(%s))
                 ORDER BY e.device_id, COALESCE(e.ts, e.received_at) DESC, e.id DESC
                """,
                ev,
                devices is None,
                devices.ids if devices else [],
            )
        )
        sudo = self.env["teahouse.device"].sudo()
        return {sudo.browse(row[0]): (row[1] or {}, row[2]) for row in rows}

    def _power_wanted(self):
        """Whether somebody has reason to use power here (one).

        A stay that runs or has just ended, cleaning that goes on, or staff who
        switched it on.
        """
        self.ensure_one()
        now = db_now(self.env)
        store = self.store_id
        place = [("store_id", "=", store.id)]
        if self.room_id:
            place.append(("room_id", "=", self.room_id.id))
        ended = now - seconds(
            60 * (store.alarm_idle_power_minutes + store.power_off_delay)
        )
        stays_sudo = self.env["teahouse.booking"].sudo()
        if stays_sudo.search_count(
            [
                *place,
                "|",
                ("state", "=", "in_use"),
                "&",
                ("state", "=", "completed"),
                ("ended_at", ">", ended),
            ],
            limit=1,
        ):
            return True
        tasks_sudo = self.env["teahouse.cleaning.task"].sudo()
        if tasks_sudo.search_count([*place, ("state", "=", "started")], limit=1):
            return True
        told = (
            self.env["teahouse.command"]
            .sudo()
            .search(
                [
                    ("device_id", "=", self.id),
                    ("act", "=", "power"),
                    ("state", "in", ("sent", "done", "unknown")),
                ],
                order="id desc",
                limit=1,
            )
        )
        return bool(
            told.source == "staff" and told.args.get("on") and told.expires_at > now
        )
