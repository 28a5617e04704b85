import logging

from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_booking.engine.passes import PassError, verify

from ..tools import db_now, epoch

_logger = logging.getLogger(__name__)

# Event -> kind of the alarm it raises; `on: false` ends it.
ALARM_EVENTS = {
    "smoke": "smoke",
    "tamper": "tamper",
    "jam": "jam",
    "clock": "clock",
    "flood": "flood",
    "retained": "retained",
}
SCAN_LIFE = 30


class TeahouseDeviceEvent(models.Model):
    """Inbox of what devices report. The gateway inserts rows and confirms them to
    the broker after its commit; their consequences are drawn here, once."""

    _name = "teahouse.device.event"
    _description = "Device event"
    _order = "id desc"
    _rec_name = "ev"
    _log_access = False

    device_id = fields.Many2one(
        "teahouse.device", required=True, readonly=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one(related="device_id.store_id")
    uid = fields.Char(string="Event id", required=True, readonly=True)
    ev = fields.Char(string="Event", required=True, readonly=True)
    sev = fields.Char(string="Severity", readonly=True)
    payload = fields.Json(
        readonly=True, groups="teahouse_base.teahouse_base_group_owner"
    )
    ts = fields.Datetime(string="Device's time", readonly=True)
    received_at = fields.Datetime(required=True, readonly=True, index=True)
    effects_done = fields.Boolean(readonly=True)

    _once = models.Constraint(
        "UNIQUE(device_id, uid)", "An event is taken once, however often it is sent."
    )
    _lasting = models.Index("(ev, device_id, id DESC) WHERE ev IN ('door', 'presence')")
    _effects = models.Index("(id) WHERE effects_done IS NOT TRUE")

    def init(self):
        # The gateway inserts with plain SQL.
        self.env.cr.execute(
            "ALTER TABLE teahouse_device_event ALTER effects_done SET DEFAULT false"
        )

    def _work_off(self):
        """Draw the consequences of these events, skipping those already done."""
        if not self:
            return
        self.flush_recordset()
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM teahouse_device_event
                    WHERE id IN %s AND effects_done IS NOT TRUE
                 ORDER BY id FOR UPDATE""",
                tuple(self.ids),
            )
        )
        events = self.browse(row[0] for row in rows)
        events.invalidate_recordset()
        for event in events:
            event._apply()
        events.effects_done = True

    def _apply(self):
        self.ensure_one()
        payload = self.payload or {}
        if self.ev in ALARM_EVENTS:
            self._apply_alarm(payload)
        elif self.ev == "online":
            self.env["teahouse.alarm"]._recover(self.device_id, ("offline",))
            self.device_id._push_keys()
        elif self.ev == "door" and not payload.get("open", payload.get("on")):
            self.env["teahouse.alarm"]._recover(self.device_id, ("door_open",))
        elif self.ev == "scan":
            self._apply_scan(payload)
        elif self.ev == "keypad":
            self._apply_keypad(payload)
        elif self.ev == "exit":
            self.env["teahouse.access.log"]._log(
                self.device_id, "exit", "opened", at=self.received_at
            )

    def _apply_alarm(self, payload):
        alarms = self.env["teahouse.alarm"]
        if payload.get("on") is False:
            alarms._recover(self.device_id, (ALARM_EVENTS[self.ev],))
        else:
            alarms._raise_alarm(
                self.device_id, ALARM_EVENTS[self.ev], payload.get("detail") or ""
            )

    # === CODES AND PINS === #

    def _door(self):
        """Return the door (sudo) this reader or keypad stands at."""
        device = self.device_id
        if device.kind in ("lock", "gate"):
            return device
        if device.room_id:
            return device.room_id._door("room")
        gates = device.store_id.device_ids.filtered(lambda one: one.kind == "gate")
        return (gates.filtered(lambda one: one.state == "online") or gates)[:1]

    def _apply_scan(self, payload):
        """Decide on a code that a reader saw, and answer with `unlock`."""
        door = self._door() or self.device_id
        grant, reason = self._judge_code(payload.get("text") or "", door)
        if reason:
            self._log_entry(door, "qr", "refused", grant, reason)
            return
        command = self._open_for(door, grant)
        self.env["teahouse.access.log"]._log_pressed(command, "qr", grant=grant)

    def _judge_code(self, text, door):
        """Return the grant a code stands for, and why it opens nothing (or None).

        The code is judged at the time it came in, by the server's clock; an answer
        that would come late is none: nobody stands there any more.
        """
        none = self.env["teahouse.grant"]
        store = self.device_id.store_id
        try:
            code = verify(text, store._pass_secret(), epoch(self.received_at))
        except PassError as error:
            return none, f"code_{error.code}"
        grant = none._of_code(code, store)
        if not grant:
            return none, "no_grant"
        now = db_now(self.env)
        if door.room_id and grant.room_id != door.room_id:
            return grant, "wrong_room"
        if not grant._is_live(now) or not grant._booking_lives():
            return grant, "outside_window"
        if (now - self.received_at).total_seconds() > SCAN_LIFE:
            return grant, "late"
        if door.state != "online":
            return grant, "device_offline"
        return grant, None

    def _open_for(self, door, grant):
        return door._unlock(
            source="scan",
            guard="grant",
            grant_id=grant.id,
            booking_id=grant.booking_id.id or None,
            member_id=grant.member_id.id or None,
        )

    def _apply_keypad(self, payload):
        """Note who came by PIN; the lock has decided by itself, maybe offline."""
        door = self._door() or self.device_id
        key = self.env["teahouse.grant.key"].search(
            [
                ("device_id", "=", self.device_id.id),
                ("slot", "=", payload.get("slot") or 0),
            ],
            limit=1,
        )
        grant = key.grant_id
        if not payload.get("ok"):
            self._log_entry(door, "pin", "refused", grant, "wrong_pin")
            return
        at = self.ts or self.received_at
        self._log_entry(door, "pin", "opened", grant)
        apart = self.device_id.kind == "keypad" and door.state == "online"
        if apart and grant._is_live():
            self._open_for(door, grant)
        booking = grant.booking_id
        if not booking or booking.state != "confirmed" or not grant._is_live(at):
            return
        if door.kind != "gate" or not booking.room_id._door("room"):
            booking._check_in_by_door("pin", at)

    def _log_entry(self, door, method, result, grant, reason=None):
        self.env["teahouse.access.log"]._log(
            door,
            method,
            result,
            reason,
            grant_id=grant.id,
            booking_id=grant.booking_id.id,
            member_id=grant.member_id.id,
            user_id=grant.user_id.id,
        )
