from odoo import models

from ..engine.plan import OFF_LIFE, Stay, light_until, off_steps, plan, power_until
from ..tools import db_now, epoch, seconds
from .teahouse_device import SWITCHES

LIVE = ("confirmed", "in_use")
# What entering causes; a new plan for the rest of the stay leaves it alone.
ENTRY_STEPS = ("power_on", "welcome")


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    # === FACTS FOR THE ENGINE === #

    def _following(self):
        """Return the next booking of the room (sudo), empty without one."""
        self.ensure_one()
        return self.sudo().search(
            [
                ("room_id", "=", self.room_id.id),
                ("start", ">=", self.end),
                ("state", "in", ("hold", *LIVE)),
                ("id", "!=", self.id),
                ("shadow_of_id", "=", False),
            ],
            order="start",
            limit=1,
        )

    def _stay(self):
        """Return the booking as the plan engine takes it."""
        self.ensure_one()
        following = self._following()
        goes_on = bool(
            following.state in LIVE
            and self.member_id
            and following.member_id == self.member_id
            and following.start < self._next_slot_end()
        )
        return Stay(
            start=self.start,
            end=self.end,
            in_use=self.state == "in_use",
            limit=following.start or None,
            goes_on=goes_on,
            goes_on_until=following.end if goes_on else None,
        )

    def _next_slot_end(self):
        """Until when a booking of the same guest counts as back to back.

        Between two stays lies the turnover; the grid of starts may add to it.
        """
        room = self.room_id
        return self.end + seconds(60 * (room.turnover_minutes + room.slot_minutes))

    # === SWITCHING ON === #

    def _power_room(self, welcome=True):
        """Switch power and light on until the stay ends.

        Sent again with a later end it extends what runs: nothing is cycled.
        """
        for booking in self:
            rules, stay = booking.store_id._plan_rules(), booking._stay()
            scene = self.env["teahouse.scene"]._for_room(booking.room_id)
            scene = scene.filtered(lambda one: one.code == "welcome")[:1]
            cooled = ("ac",) if scene._args("ac") else ()
            devices = booking.room_id._devices(("power", "light", *cooled))
            booking._keep_running(booking.room_id._devices(SWITCHES))
            for device in devices:
                wish = scene._args(device.kind) if device.kind != "power" else None
                wish = wish or {"on": True}
                if not welcome:
                    wish = booking._last_wish(device)
                if not wish["on"]:
                    continue
                until = light_until if device.kind == "light" else power_until
                off_at = booking._shared_until(device, until(stay, rules))
                device._issue(
                    device.kind,
                    {**wish, "until": epoch(off_at)},
                    expires_at=off_at,
                    guard="booking",
                    source="plan",
                    plan_key="power_on",
                    booking_id=booking.id,
                )
            if welcome:
                booking._say("voice_welcome", "welcome")

    def _last_wish(self, device):
        """Return what a device was last told for this stay, on if nothing.

        A light that the guests dimmed or switched off stays as they want it.
        """
        last = (
            self.env["teahouse.command"]
            .sudo()
            .search(
                [
                    ("booking_id", "=", self.id),
                    ("device_id", "=", device.id),
                    ("act", "=", device.kind),
                    ("source", "in", ("plan", "guest")),
                    "|",
                    ("plan_key", "in", (False, "power_on")),
                    ("plan_key", "=like", "scene_%"),
                ],
                order="id desc",
                limit=1,
            )
        )
        return {**last.args} if last else {"on": True}

    def _shared_until(self, device, until):
        """A shared device runs until the last running stay of the store ends."""
        if device.room_id:
            return until
        others = self.sudo().search(
            [
                ("store_id", "=", self.store_id.id),
                ("state", "=", "in_use"),
                ("id", "!=", self.id),
                ("end", ">", self.end),
            ],
            order="end desc",
            limit=1,
        )
        return max(until, others.end) if others else until

    def _keep_running(self, devices):
        """Drop what earlier stays planned to switch off: it is needed now."""
        self.env["teahouse.command"].sudo().search(
            [
                ("device_id", "in", devices.ids),
                ("state", "in", ("queued", "sent")),
                ("guard", "=", "idle"),
                ("booking_id", "!=", self.id),
            ]
        )._cancel_open("needed")

    def _say(self, field, key, at=None, life=None, minutes=None):
        """Have the speakers of the room say a text of the store, in its language.

        :param str field: field of the store that holds the text
        """
        self.ensure_one()
        store = self.store_id.with_context(lang=self.store_id.voice_lang)
        text = store[field]
        speakers = self.room_id._devices(("speaker",), shared=False)
        if not text or not speakers:
            return
        at = at or db_now(self.env)
        volume = store._voice_volume(at)
        if volume == 0:
            return
        text = text.replace("{guest}", self._greeted()).strip()
        lang = store.voice_lang or "zh_CN"
        if minutes is not None:
            text = text.replace("{minutes}", str(minutes))
        speakers._issue(
            "say",
            {
                "text": text[:500],
                "lang": lang.replace("_", "-"),
                **({"volume_pct": volume} if volume else {}),
            },
            due_at=at,
            expires_at=at + (life or seconds(30)),
            guard="booking",
            source="plan",
            plan_key=key,
            booking_id=self.id,
        )

    def _greeted(self):
        """Return the nickname of whoever has just opened, or of the booker, or ''."""
        self.ensure_one()
        entry = (
            self.env["teahouse.access.log"]
            .sudo()
            .search(
                [("booking_id", "=", self.id), ("result", "=", "opened")],
                order="id desc",
                limit=1,
            )
        )
        member = entry.member_id or self.member_id
        return member.sudo().name or ""

    # === THE PLAN === #

    def _replan(self):
        """Replace the due rows of these bookings by what is right now."""
        for booking in self:
            booking._planned()._cancel_open("replaced")
            if booking.state not in LIVE:
                continue
            rules = booking.store_id._plan_rules()
            booking._plan_leaving()
            for step in plan(booking._stay(), rules, db_now(self.env)):
                booking._issue_step(step)

    def _plan_leaving(self):
        """Plan the leaving scene of a running stay, where the store wants it."""
        self.ensure_one()
        minutes = self.store_id.leaving_minutes
        at = self.end - seconds(60 * minutes)
        stay = self._stay()
        if self.state != "in_use" or not minutes or at < db_now(self.env):
            return
        if stay.goes_on:
            return
        scenes = self.env["teahouse.scene"]._for_room(self.room_id)
        scene = scenes.filtered(lambda one: one.code == "leaving")[:1]
        kinds = scene.line_ids.mapped("kind")
        scene._play(
            self.room_id._devices(kinds, shared=False),
            self._guest_until,
            due_at=at,
            guard="booking",
            source="plan",
            booking_id=self.id,
        )

    def _planned(self):
        return (
            self.env["teahouse.command"]
            .sudo()
            .search(
                [
                    ("booking_id", "in", self.ids),
                    ("source", "=", "plan"),
                    ("plan_key", "not in", ENTRY_STEPS),
                    ("state", "=", "queued"),
                ]
            )
        )

    def _issue_step(self, step):
        """Write one step of a plan into the outbox, for each device it concerns."""
        self.ensure_one()
        if step.act == "say":
            self._say(
                "voice_warning",
                step.key,
                at=step.at,
                life=step.expires - step.at,
                minutes=step.args["minutes"],
            )
            return
        args = {"on": step.key == "preheat"}
        if step.key == "preheat":
            # Nobody comes: it goes off by itself.
            args["until"] = epoch(self.start + seconds(1800))
        self.room_id._devices(step.kinds)._issue(
            step.act,
            args,
            due_at=step.at,
            expires_at=step.expires,
            guard=step.guard,
            source="plan",
            plan_key=step.key,
            booking_id=self.id,
        )

    # === SWITCHING OFF === #

    def _cancel_commands(self):
        """Close the open switching and talking of these bookings.

        Rights are not touched: unlocks and PINs close with the grant they stand on,
        so that a guest on the way out can still come back for the forgotten phone.
        """
        self.env["teahouse.command"].sudo().search(
            [
                ("booking_id", "in", self.ids),
                ("state", "in", ("queued", "sent")),
                ("act", "in", (*SWITCHES, "say")),
            ]
        )._cancel_open()

    def _plan_closing(self, early):
        """Plan the power off after the end of use, unless the guest goes on."""
        self.ensure_one()
        stay, rules = self._stay(), self.store_id._plan_rules()
        now = db_now(self.env)
        if stay.goes_on and not early:
            return
        at = now
        if rules.cut and not early:
            at = max(now, self.end + seconds(60 * rules.power_off_delay))
        for step in off_steps(at, rules):
            self._issue_step(step)

    def _switched_devices(self):
        """Return the devices (sudo) that were told to go on for these bookings."""
        commands_sudo = self.env["teahouse.command"].sudo()
        told = commands_sudo.search(
            [
                ("booking_id", "in", self.ids),
                ("act", "in", SWITCHES),
                ("state", "in", ("sent", "done", "unknown")),
            ]
        )
        return told.filtered(lambda command: command.args.get("on")).device_id

    def _switch_off(self, devices):
        """Switch devices off now, where nobody else needs them."""
        now = db_now(self.env)
        for booking in self:
            for device in devices:
                device._issue(
                    device.kind,
                    {"on": False},
                    expires_at=now + OFF_LIFE,
                    guard="idle",
                    source="system",
                    plan_key="undo",
                    booking_id=booking.id,
                )

    def _leave_room(self, old_room):
        """Undo in the old room what the booking switched on there."""
        self.ensure_one()
        left = self._switched_devices().filtered(
            lambda device: device.room_id == old_room
        )
        self._cancel_commands()
        self.env["teahouse.command"].sudo().search(
            [
                ("booking_id", "=", self.id),
                ("act", "=", "unlock"),
                ("device_id.room_id", "=", old_room.id),
                ("state", "in", ("queued", "sent")),
            ]
        )._cancel_open("right_lost")
        self._switch_off(left)
