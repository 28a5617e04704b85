"""Who hears of an alarm, how often, and that it is over."""

from odoo import api, models

from ..tools import db_now, seconds
from .teahouse_alarm import REPAIR_LATER

SAY_SECONDS = 30


class TeahouseAlarm(models.Model):
    _inherit = "teahouse.alarm"

    def _words(self):
        """Return the values of the message templates for an alarm (one)."""
        self.ensure_one()
        labels = dict(self._fields["kind"]._description_selection(self.env))
        return {
            "device": self.device_id.name,
            "place": self.room_id.name or self.store_id.name,
            "store": self.store_id.name,
            "alarm": labels[self.kind],
            "detail": self.detail or "",
        }

    def _tell(self):
        """Tell the store's people; of smoke everybody who is there."""
        for alarm in self:
            alarm.told_count += 1
            alarm.told_at = db_now(self.env)
            number = alarm.told_count
            key = f"device-alarm-{alarm.id}"
            alarm._notify_staff(
                "device_alarm" if number == 1 else "device_alarm_again",
                key if number == 1 else f"{key}-{number}",
            )
            if alarm.kind == "smoke" and number == 1:
                alarm._tell_guests(key)
                alarm._say_smoke()
            if number > 1 and alarm.kind in REPAIR_LATER and not alarm.request_id:
                alarm._ask_technician()

    def _notify_staff(self, template, key):
        self.ensure_one()
        store = self.store_id
        users = store._device_users()
        if self.kind == "smoke":
            users |= store.sudo().user_ids
        self.env["teahouse.notification"].sudo()._notify(
            users, template, self._words(), event_key=key
        )

    def _tell_guests(self, key):
        """Tell the guests who are in the store, or may be, by every channel."""
        stays_sudo = (
            self.env["teahouse.booking"]
            .sudo()
            .search([("store_id", "=", self.store_id.id), ("state", "=", "in_use")])
        )
        people = stays_sudo.participant_ids.filtered(
            lambda participant: participant.state == "active"
        )
        self.env["teahouse.notification"].sudo()._notify(
            people.member_id | stays_sudo.member_id,
            "smoke_guests",
            self._words(),
            event_key=f"{key}-guests",
        )

    def _say_smoke(self):
        """Have all speakers of the store warn; doors stay as they are.

        The way out is hard-wired and needs no command.
        """
        store = self.store_id.with_context(lang=self.store_id.voice_lang)
        speakers = (
            self.env["teahouse.device"]
            .sudo()
            .search([("store_id", "=", store.id), ("kind", "=", "speaker")])
        )
        if store.voice_smoke and speakers:
            lang = store.voice_lang or "zh_CN"
            speakers._issue(
                "say",
                {
                    "text": store.voice_smoke[:500],
                    "lang": lang.replace("_", "-"),
                    "volume_pct": 100,
                },
                expires_at=db_now(self.env) + seconds(SAY_SECONDS),
                source="system",
                plan_key="smoke",
            )

    def _close(self):
        """Close what is open, and say that it is over to those who were told."""
        alarms = self.filtered(lambda alarm: alarm.state == "open")
        alarms.write({"state": "closed", "closed_at": db_now(self.env)})
        for alarm in alarms:
            alarm._notify_staff("device_alarm_over", f"device-alarm-{alarm.id}-over")
        self.env["teahouse.store"]._wall_changed(alarms.store_id)

    @api.model
    def _remind(self):
        """Tell again of what is still open and nobody has taken over."""
        now = db_now(self.env)
        waiting = self.sudo().search(
            [("state", "=", "open"), ("taken_id", "=", False), ("told_at", "<", now)]
        )
        waiting.filtered(
            lambda alarm: (
                alarm.store_id.alarm_reminder_minutes
                and alarm.told_at
                <= now - seconds(60 * alarm.store_id.alarm_reminder_minutes)
            )
        )._tell()
