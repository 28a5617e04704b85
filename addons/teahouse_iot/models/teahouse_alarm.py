import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools import db_now, seconds

_logger = logging.getLogger(__name__)

KINDS = [
    ("offline", "Offline"),
    ("battery", "Battery low"),
    ("jam", "Jammed"),
    ("tamper", "Tampered with"),
    ("smoke", "Smoke"),
    ("co2", "Air used up"),
    ("temperature", "Temperature"),
    ("door_open", "Door left open"),
    ("idle_power", "Power without a booking"),
    ("clock", "Clock wrong"),
    ("pin", "PIN not in the lock"),
    ("flood", "Sends too much"),
    ("retained", "Stale command on the broker"),
]
SEVERITY = {"smoke": "critical", "tamper": "critical", "jam": "critical"}
# Causes that a technician has to look at on the spot.
REPAIR = ("offline", "battery", "jam", "tamper", "clock", "flood")
# Mostly over as soon as somebody is told; where it lasts until the reminder, the closer
# may be worn, or the lock takes no PINs.
REPAIR_LATER = ("door_open", "pin")
# A battery is well again at so many percent above the limit.
BATTERY_MARGIN = 5
PIN_LEAD = 1800


class TeahouseAlarm(models.Model):
    _name = "teahouse.alarm"
    _description = "Device alarm"
    _inherit = ["mail.thread"]
    _order = "state desc, opened_at desc, id desc"
    _rec_name = "kind"

    device_id = fields.Many2one(
        "teahouse.device", required=True, readonly=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one(related="device_id.store_id", store=True, index=True)
    room_id = fields.Many2one(related="device_id.room_id", store=True)
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    severity = fields.Selection(
        [("warning", "Warning"), ("critical", "Critical")],
        default="warning",
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
    )
    detail = fields.Char(readonly=True)
    opened_at = fields.Datetime(required=True, readonly=True)
    closed_at = fields.Datetime(readonly=True)
    taken_id = fields.Many2one(
        "res.users", string="Taken over by", readonly=True, tracking=True
    )
    told_at = fields.Datetime(string="Last told", readonly=True)
    told_count = fields.Integer(string="Times told", readonly=True)
    request_id = fields.Many2one(
        "maintenance.request", string="Maintenance request", readonly=True
    )

    _one_open = models.UniqueIndex(
        "(device_id, kind) WHERE state = 'open'",
        "There is an open alarm for this cause.",
    )

    @api.depends("kind", "device_id")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for alarm in self:
            alarm.display_name = f"{alarm.device_id.name} · {labels.get(alarm.kind)}"

    @api.model
    def _raise_alarm(self, devices, kind, detail=""):
        """Open an alarm per device, unless one of this cause is open already.

        Tells the store's people and asks a technician where one is needed.

        :return: the new alarms (sudo)
        """
        alarms_sudo = self.sudo()
        have = alarms_sudo.search(
            [
                ("device_id", "in", devices.ids),
                ("kind", "=", kind),
                ("state", "=", "open"),
            ]
        ).device_id
        new = alarms_sudo.create(
            [
                {
                    "device_id": device.id,
                    "kind": kind,
                    "severity": SEVERITY.get(kind, "warning"),
                    "detail": (detail or "")[:200],
                    "opened_at": db_now(self.env),
                }
                for device in devices.sudo() - have
            ]
        )
        for alarm_sudo in new:
            alarm_sudo._tell()
            if kind in REPAIR:
                alarm_sudo._ask_technician()
        return new

    def _ask_technician(self):
        """Ask for a repair, once as long as an earlier request of the cause is open.

        A device that comes and goes would fill the technician's list otherwise.
        """
        self.ensure_one()
        device = self.device_id
        earlier = self.search(
            [
                ("id", "!=", self.id),
                ("device_id", "=", device.id),
                ("kind", "=", self.kind),
                ("request_id.stage_id.done", "=", False),
                ("request_id.archive", "=", False),
                ("request_id", "!=", False),
            ],
            limit=1,
        )
        self.request_id = earlier.request_id or self.env["maintenance.request"].create(
            {
                "name": self.display_name,
                "company_id": device.company_id.id,
                "equipment_id": device.equipment_id.id,
                "maintenance_type": "corrective",
            }
        )

    @api.model
    def _recover(self, devices, kinds):
        """Close the open alarms of these causes: the device is well again."""
        self.sudo().search(
            [
                ("device_id", "in", devices.ids),
                ("kind", "in", list(kinds)),
                ("state", "=", "open"),
            ]
        )._close()

    def action_close(self):
        """Close by hand."""
        self.check_access("write")
        self._close()

    def action_take(self):
        """Take over: the others need no reminders any more."""
        self.check_access("write")
        self.filtered(lambda alarm: alarm.state == "open").taken_id = self.env.user

    # === WATCH === #

    @api.model
    def _cron_watch(self):
        """Look for silent, weak and uninformed devices, and for those well again.

        A device must be gone for the store's minutes before anybody is told, so a
        restart of the broker raises nothing.
        """
        self._watch_offline()
        self._watch_battery()
        self._watch_pins()
        self.env["teahouse.grant"]._end_over()
        lapsed = (
            self.env["teahouse.command"]
            .sudo()
            ._close_lapsed([("expires_at", "<", db_now(self.env) - seconds(60))])
        )
        self.env["teahouse.command"]._on_acks(lapsed.ids)

    @api.model
    def _watch_offline(self):
        now = db_now(self.env)
        gone = (
            self.env["teahouse.device"]
            .sudo()
            .search([("state", "=", "offline"), ("state_at", "<", now - seconds(60))])
            .filtered(
                lambda device: (
                    device.state_at
                    < now - seconds(60 * device.store_id.alarm_offline_minutes)
                )
            )
        )
        self._raise_alarm(gone, "offline")
        self._recover_where("offline", [("device_id.state", "=", "online")])

    @api.model
    def _watch_battery(self):
        devices = self.env["teahouse.device"].sudo().search([("battery_pct", ">", 0)])
        self._raise_alarm(devices.filtered("battery_low"), "battery")
        well = devices.filtered(
            lambda device: (
                device.battery_pct >= device.store_id.alarm_battery_pct + BATTERY_MARGIN
            )
        )
        self._recover_where("battery", [("device_id", "in", well.ids)])

    @api.model
    def _watch_pins(self):
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT k.device_id
                     FROM teahouse_grant_key k
                     JOIN teahouse_grant g ON g.id = k.grant_id
                     JOIN teahouse_device d ON d.id = k.device_id
                     LEFT JOIN teahouse_device_profile p ON p.id = d.profile_id
                    WHERE k.state = 'pending' AND g.state = 'active'
                      -- A lock that knows no time gets its PIN when the window opens.
                      AND g.valid_from < CASE WHEN COALESCE(p.pin_window, TRUE)
                                         THEN %(soon)s
                                         ELSE %(now)s - interval '2 minutes' END
                      AND g.valid_to > %(now)s
                      AND k.write_date < %(now)s - interval '1 minute'""",
                now=db_now(self.env),
                soon=db_now(self.env) + seconds(PIN_LEAD),
            )
        )
        waiting = self.env["teahouse.device"].sudo().browse(row[0] for row in rows)
        self._raise_alarm(waiting, "pin")
        self._recover_where("pin", [("device_id", "not in", waiting.ids)])

    @api.model
    def _recover_where(self, kind, domain):
        alarms = self.sudo().search(
            [("kind", "=", kind), ("state", "=", "open"), *domain]
        )
        if alarms:
            self._recover(alarms.device_id, (kind,))
