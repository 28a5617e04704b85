from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

MAX_DAYS = 31
OWNER = "teahouse_base.teahouse_base_group_owner"


class TeahouseRoomVisitors(models.TransientModel):
    """Who was in a room: for the owner, with a reason, and on record."""

    _name = "teahouse.room.visitors"
    _description = "Who was in this room"

    room_id = fields.Many2one("teahouse.room", required=True)
    since = fields.Datetime(
        required=True, default=lambda self: fields.Datetime.now() - timedelta(days=1)
    )
    until = fields.Datetime(required=True, default=fields.Datetime.now)
    reason = fields.Char(required=True)
    line_ids = fields.One2many("teahouse.room.visitor", "wizard_id", readonly=True)
    asked = fields.Boolean(readonly=True)

    def action_show(self):
        """List everybody who opened the room or took part in a stay there.

        The question, with its reason, is kept in the audit trail.

        :raise TeahouseError: forbidden, invalid_request
        """
        self.ensure_one()
        self.room_id.check_access("read")
        if not self.env.user.has_group(OWNER):
            raise TeahouseError("forbidden", self.env._("Only the owner may ask."))
        length = self.until - self.since
        if not (self.reason or "").strip() or not (
            timedelta() < length <= timedelta(days=MAX_DAYS)
        ):
            raise TeahouseError(
                "invalid_request",
                self.env._("Give a reason and at most %s days.", MAX_DAYS),
            )
        self.env["teahouse.audit"]._log(
            "room.visitors",
            self.room_id,
            {
                "reason": self.reason.strip(),
                "since": fields.Datetime.to_string(self.since),
                "until": fields.Datetime.to_string(self.until),
            },
        )
        self.line_ids.unlink()
        self.env["teahouse.room.visitor"].create(
            [{"wizard_id": self.id, **row} for row in self._rows()]
        )
        self.asked = True
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Who was in this room"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    @api.model
    def _who(self, member, user, holder=None):
        return member.name or user.name or holder or self.env._("Guest at the counter")

    def _rows(self):
        """Return one row for each person and stay, those who opened first."""
        logs = (
            self.env["teahouse.access.log"]
            .sudo()
            .search(
                [
                    ("room_id", "=", self.room_id.id),
                    ("result", "=", "opened"),
                    ("at", ">=", self.since),
                    ("at", "<", self.until),
                ],
                order="at",
            )
        )
        rows = {}
        for log in logs:
            key = (log.member_id.id, log.user_id.id, log.grant_id.id)
            row = rows.setdefault(
                key,
                {
                    "name": self._who(log.member_id, log.user_id, log.grant_id.holder),
                    "booking_id": log.booking_id.id,
                    "how": log.method,
                    "first_at": log.at,
                    "openings": 0,
                },
            )
            row["last_at"] = log.at
            row["openings"] += 1
        return [*rows.values(), *self._companions(logs)]

    def _companions(self, logs):
        """Return rows of those who took part in a stay without opening a door."""
        stays = (
            self.env["teahouse.booking"]
            .sudo()
            .search(
                [
                    ("room_id", "=", self.room_id.id),
                    ("checked_in_at", "!=", False),
                    ("checked_in_at", "<", self.until),
                    "|",
                    ("ended_at", "=", False),
                    ("ended_at", ">", self.since),
                ]
            )
        )
        rows = []
        for stay in stays:
            opened = logs.filtered(lambda log, stay=stay: log.booking_id == stay)
            people = stay.participant_ids.filtered(lambda one: one.state == "active")
            for member in (people.member_id | stay.member_id) - opened.member_id:
                rows.append(
                    {
                        "name": member.name,
                        "booking_id": stay.id,
                        "first_at": stay.checked_in_at,
                        "last_at": stay.ended_at,
                        "openings": 0,
                    }
                )
        return rows


class TeahouseRoomVisitor(models.TransientModel):
    _name = "teahouse.room.visitor"
    _description = "Visitor of a room"

    wizard_id = fields.Many2one(
        "teahouse.room.visitors", required=True, ondelete="cascade"
    )
    name = fields.Char(readonly=True)
    booking_id = fields.Many2one("teahouse.booking", readonly=True)
    how = fields.Selection(
        [
            ("app", "App"),
            ("qr", "QR code"),
            ("pin", "PIN"),
            ("staff", "Remote, by staff"),
            ("exit", "Exit button"),
        ],
        readonly=True,
    )
    first_at = fields.Datetime(string="First", readonly=True)
    last_at = fields.Datetime(string="Last", readonly=True)
    openings = fields.Integer(readonly=True)
