from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

OPEN = ("waiting", "accepted", "started")


class TeahouseCleaningTask(models.Model):
    """Cleaning of a room after a stay."""

    _name = "teahouse.cleaning.task"
    _description = "Cleaning task"
    _inherit = ["mail.thread"]
    _order = "state_rank, due_at, id"
    _check_company_auto = True

    room_id = fields.Many2one(
        "teahouse.room", required=True, index=True, ondelete="cascade"
    )
    store_id = fields.Many2one(related="room_id.store_id", store=True, index=True)
    company_id = fields.Many2one(related="room_id.company_id", store=True)
    booking_id = fields.Many2one("teahouse.booking", ondelete="cascade", index=True)
    user_id = fields.Many2one("res.users", string="Cleaner", tracking=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("accepted", "Accepted"),
            ("started", "Started"),
            ("finished", "Finished"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
        ],
        default="waiting",
        required=True,
        tracking=True,
        group_expand=True,
    )
    state_rank = fields.Integer(compute="_compute_state_rank", store=True)
    due_at = fields.Datetime(string="Room free from", required=True)
    finish_by = fields.Datetime(help="When the next guests may come.")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    waiting_minutes = fields.Integer(compute="_compute_waiting_minutes")
    note = fields.Text(string="Remarks")
    photo_ids = fields.Many2many("ir.attachment", string="Photos")

    _once = models.UniqueIndex(
        "(booking_id) WHERE booking_id IS NOT NULL AND state <> 'rejected'",
        "The stay has a cleaning task already.",
    )

    @api.depends("state")
    def _compute_state_rank(self):
        order = [key for key, _name in self._fields["state"].selection]
        for task in self:
            task.state_rank = order.index(task.state)

    @api.depends("due_at", "started_at")
    def _compute_waiting_minutes(self):
        now = fields.Datetime.now()
        for task in self:
            until = task.started_at or now
            waited = (until - task.due_at).total_seconds() if task.due_at else 0
            task.waiting_minutes = max(0, int(waited // 60))

    @api.depends("room_id")
    def _compute_display_name(self):
        for task in self:
            task.display_name = f"{task.room_id.sudo().name}"

    def _is_open(self):
        self.ensure_one()
        return self.state in OPEN

    def _step(self, state, allowed, vals=None):
        for task in self:
            if task.state not in allowed:
                raise TeahouseError(
                    "invalid_state", self.env._("This task has moved on already.")
                )
        self.write({"state": state, **(vals or {})})

    def action_accept(self):
        self._step("accepted", ("waiting",), {"user_id": self.env.uid})

    def action_start(self):
        self._step(
            "started",
            ("waiting", "accepted"),
            {"user_id": self.env.uid, "started_at": fields.Datetime.now()},
        )

    def action_finish(self):
        now = fields.Datetime.now()
        self._step("finished", OPEN, {"user_id": self.env.uid, "finished_at": now})
        self.sudo()._on_finished()

    def action_reject(self):
        """Give the task back, to be done by somebody else."""
        self._step("rejected", ("accepted", "started"))
        for task in self.sudo():
            task.copy({"state": "waiting", "user_id": False})

    def action_cancel(self):
        self._step("cancelled", OPEN)
        self.sudo()._on_finished()

    def _on_finished(self):
        """Called once rooms are clean. Upper addons send early entry again."""


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _make_cleaning_tasks(self):
        """Ask for the cleaning of the rooms that these stays have left."""
        self.env["teahouse.cleaning.task"].sudo().create(
            [
                {
                    "room_id": booking.room_id.id,
                    "booking_id": booking.id,
                    "due_at": booking.ended_at or booking.end,
                    "finish_by": booking.blocked_until,
                }
                for booking in self
                if booking.store_id.use_cleaning and not booking.cleaning_task_ids
            ]
        )
