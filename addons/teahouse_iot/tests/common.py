"""Fixtures of the device tests: rooms with devices, stays, and the gateway's part."""

from datetime import timedelta

from odoo import fields
from odoo.tools import mute_logger

from odoo.addons.teahouse_base.tests.common import TeahouseCommon, TeahouseHttpCommon

from ..tools import db_now

__all__ = ["DeviceCommon", "DeviceHttpCommon", "mute_logger"]


class DeviceMixin:
    """Helpers for a room with a lock, power and light in a store with a gate."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gate = cls.make_device("gate", room=None)
        cls.lock = cls.make_device("lock")
        cls.power = cls.make_device("power")
        cls.light = cls.make_device("light", guest_control=True)
        cls.other_lock = cls.make_device(
            "lock", room=cls.other_room, store=cls.other_store
        )

    @classmethod
    def make_device(cls, kind, room=..., store=None, online=True, **values):
        """Create a device, by default online and in the test's own room."""
        room = cls.room if room is ... else room
        store = store or cls.store
        number = cls.env["teahouse.device"].search_count([]) + 1
        device = cls.env["teahouse.device"].create(
            {
                "name": f"{kind} {number}",
                "uid": f"test-{kind}-{number}",
                "kind": kind,
                "store_id": store.id,
                "room_id": room.id if room else False,
                **values,
            }
        )
        cls.report(device, online)
        return device

    @classmethod
    def report(cls, device, online=True, **values):
        """Write what the gateway would write about a device."""
        device.flush_recordset()
        vals = {
            "state": "online" if online else "offline",
            "boot": "9f3c61d2",
            "state_at": db_now(cls.env),
            **values,
        }
        columns = ", ".join(f"{name} = %s" for name in vals)
        cls.env.cr.execute(
            f"UPDATE teahouse_device SET {columns} WHERE id = %s",
            [*vals.values(), device.id],
        )
        device.invalidate_recordset()

    @classmethod
    def make_booking(cls, member=None, room=None, start=-5, minutes=120, **values):
        """Create a confirmed booking that began `-start` minutes ago.

        :param int start: minutes from now
        :param int minutes: length
        """
        room = room or cls.room
        member = cls.member if member is None else member
        begin = fields.Datetime.now() + timedelta(minutes=start)
        booking = cls.env["teahouse.booking"].create(
            {
                "room_id": room.id,
                "member_id": member.id,
                "start": begin,
                "end": begin + timedelta(minutes=minutes),
                "people": 2,
                **values,
            }
        )
        if member and not booking.participant_ids:
            cls.add_participant(booking, member, "booker")
        # At the counter: whatever upper addons still ask for.
        booking.action_confirm()
        return booking

    @classmethod
    def add_participant(cls, booking, member, role="guest"):
        """Let a member take part in a booking."""
        return cls.env["teahouse.participant"].create(
            {"booking_id": booking.id, "member_id": member.id, "role": role}
        )

    @classmethod
    def scope(cls):
        """Domain of what belongs to the test's stores: a database may hold more."""
        return [("store_id", "in", (cls.store | cls.other_store).ids)]

    @classmethod
    def commands(cls, device=None, booking=None, **filters):
        """Return the commands of a device or booking, oldest first."""
        domain = cls.scope() + [(name, "=", value) for name, value in filters.items()]
        if device:
            domain.append(("device_id", "=", device.id))
        if booking:
            domain.append(("booking_id", "=", booking.id))
        return cls.env["teahouse.command"].search(domain, order="due_at, id")

    @classmethod
    def answer(cls, command, state="done", reason=None, effects=True):
        """Close a command as the gateway does, then draw its consequences."""
        cls.env.flush_all()
        cls.env.cr.execute(
            """UPDATE teahouse_command SET state = %s, reason = %s, tries = 1,
                      seq = nextval('teahouse_device_seq'), effects_done = FALSE,
                      closed_at = clock_timestamp() AT TIME ZONE 'UTC'
                WHERE id = ANY(%s)""",
            [state, reason, command.ids],
        )
        command.invalidate_recordset()
        if effects:
            cls.env["teahouse.command"]._on_acks(command.ids)

    @classmethod
    def event(cls, device, ev, uid=None, age=0, **payload):
        """Put an event into the inbox and work it off."""
        now = db_now(cls.env) - timedelta(seconds=age)
        event = cls.env["teahouse.device.event"].create(
            {
                "device_id": device.id,
                "uid": uid
                or f"{ev}-{cls.env['teahouse.device.event'].search_count([])}",
                "ev": ev,
                "payload": payload,
                "ts": now,
                "received_at": now,
            }
        )
        cls.env.flush_all()
        cls.env["teahouse.device"]._on_events(event.ids)
        return event

    def logs(self, **filters):
        """Return access log lines, oldest first."""
        domain = self.scope() + [(name, "=", value) for name, value in filters.items()]
        return self.env["teahouse.access.log"].search(domain, order="id")


class DeviceCommon(DeviceMixin, TeahouseCommon):
    """Device fixtures without HTTP."""


class DeviceHttpCommon(DeviceMixin, TeahouseHttpCommon):
    """Device fixtures with calls of the API."""
