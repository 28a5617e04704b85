import logging

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..engine.outbox import FINAL

_logger = logging.getLogger(__name__)

# State of an unlock command -> result in the access log.
LOG_RESULT = {
    "done": "opened",
    "failed": "failed",
    "rejected": "failed",
    "expired": "failed",
    "unknown": "unknown",
    "cancelled": "refused",
}
SWITCH_ACTS = ("power", "light", "ac")


class TeahouseCommand(models.Model):
    _inherit = "teahouse.command"

    @api.model
    def _on_acks(self, command_ids):
        """Draw the consequences of closed commands; called by the gateway.

        The state of a command is committed before; this runs in a transaction of
        its own and marks the rows in it, so a crash repeats what was not done and a
        second call does nothing.

        :param command_ids: ids of commands in a final state
        """
        if not command_ids:
            return
        rows = self.env.execute_query(
            SQL(
                """SELECT id FROM teahouse_command
                    WHERE id IN %s AND NOT effects_done AND state IN %s
                 ORDER BY id FOR UPDATE""",
                tuple(command_ids),
                FINAL,
            )
        )
        commands_sudo = self.sudo().browse(row[0] for row in rows)
        commands_sudo.invalidate_recordset()
        for command_sudo in commands_sudo:
            command_sudo._apply_effect()
        commands_sudo.effects_done = True

    def _apply_effect(self):
        self.ensure_one()
        if self.act == "unlock":
            self._apply_unlock()
        elif self.act in ("pin_set", "pin_del"):
            self._apply_pin()
        elif self.act in SWITCH_ACTS and self.state == "done":
            self._apply_switch()
        if self.state in ("failed", "rejected") and self.reason == "jammed":
            self.env["teahouse.alarm"]._raise_alarm(self.device_id, "jam")
        elif self.act == "unlock" and self.state == "done":
            self.env["teahouse.alarm"]._recover(self.device_id, ("jam",))

    def _apply_unlock(self):
        logs_sudo = (
            self.env["teahouse.access.log"]
            .sudo()
            .search(
                [("command_id", "=", self.id), ("result", "in", ("pending", "unknown"))]
            )
        )
        logs_sudo._settle(LOG_RESULT[self.state], self.reason)
        if self.state != "done" or not self._opens_the_room():
            return
        for log_sudo in logs_sudo:
            if log_sudo.booking_id.state == "confirmed":
                log_sudo.booking_id._check_in_by_door("door", log_sudo.at)

    def _opens_the_room(self):
        """A gate is the way to the room only where the room has no lock."""
        device = self.device_id
        if device.kind != "gate":
            return True
        return bool(self.booking_id) and not self.booking_id.room_id._door("room")

    def _apply_pin(self):
        key_sudo = (
            self.env["teahouse.grant.key"]
            .sudo()
            .search(
                [
                    ("device_id", "=", self.device_id.id),
                    ("slot", "=", self.args["slot"]),
                ],
                limit=1,
            )
        )
        if not key_sudo:
            return
        if self.state == "done" and self.act == "pin_set":
            # A late answer does not bring back what is being taken out.
            if key_sudo.state not in ("removing", "removed"):
                key_sudo.state = "set"
        elif self.state == "done":
            key_sudo.state = "removed"
        elif self.act == "pin_set" and self.state in ("failed", "rejected"):
            if key_sudo.state not in ("removing", "removed"):
                key_sudo.state = "failed"
            self.env["teahouse.alarm"]._raise_alarm(
                self.device_id, "pin", self.reason or ""
            )

    def _apply_switch(self):
        newer = self.search_count(
            [
                ("device_id", "=", self.device_id.id),
                ("superkey", "=", self.superkey),
                ("state", "=", "done"),
                ("seq", ">", self.seq),
            ],
            limit=1,
        )
        if not newer:
            self.device_id.is_on = bool(self.args.get("on"))


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _check_in_by_door(self, source, at):
        """Check in because a door opened; a booking that moved on stays as it is."""
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._check_in(source, at=at)
        except TeahouseError as error:
            # A no-show or a cancellation committed first: whoever commits first wins.
            _logger.info("booking %s not checked in: %s", self.ref, error.code)
