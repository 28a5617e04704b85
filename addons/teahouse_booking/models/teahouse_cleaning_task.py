from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

OPEN = ("waiting", "accepted", "started")
#: What cleaners write themselves; the rest follows from the buttons.
FREE_FIELDS = {"note", "photo_ids"}


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
    booking_id = fields.Many2one(
        "teahouse.booking",
        ondelete="cascade",
        index=True,
        groups="teahouse_base.teahouse_base_group_staff",
    )
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
    wait_minutes = fields.Integer(
        string="Minutes waited",
        compute="_compute_minutes",
        store=True,
        aggregator="avg",
        help="From when the room was free to when cleaning began.",
    )
    clean_minutes = fields.Integer(
        string="Minutes cleaned",
        compute="_compute_minutes",
        store=True,
        aggregator="avg",
    )
    damage_ids = fields.One2many("teahouse.damage", "task_id", string="Damages")
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

    @api.depends("due_at", "started_at", "finished_at")
    def _compute_waiting_minutes(self):
        now = fields.Datetime.now()
        for task in self:
            until = task.started_at or task.finished_at or now
            waited = (until - task.due_at).total_seconds() if task.due_at else 0
            task.waiting_minutes = max(0, int(waited // 60))

    @api.depends("due_at", "started_at", "finished_at")
    def _compute_minutes(self):
        def minutes(since, until):
            lasted = (until - since).total_seconds() if since and until else 0
            return max(0, int(lasted // 60))

        for task in self:
            task.wait_minutes = minutes(
                task.due_at, task.started_at or task.finished_at
            )
            task.clean_minutes = minutes(task.started_at, task.finished_at)

    @api.depends("room_id")
    def _compute_display_name(self):
        for task in self:
            task.display_name = f"{task.room_id.sudo().name}"

    def _is_open(self):
        self.ensure_one()
        return self.state in OPEN

    def write(self, vals):
        manager = self.env.user.has_group("teahouse_base.teahouse_base_group_staff")
        allowed = FREE_FIELDS | (
            {"user_id", "due_at", "finish_by"} if manager else set()
        )
        own = {n for n in vals if "teahouse_booking" in self._fields[n]._modules}
        if not self.env.su and own - allowed:
            raise TeahouseError("forbidden", self.env._("Use the buttons of the task."))
        return super().write(vals)

    def _step(self, state, allowed, vals=None):
        """Move tasks that the user may change to a state.

        :raise TeahouseError: invalid_state
        """
        self.check_access("write")
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if any(task.state not in allowed for task in self):
            raise TeahouseError(
                "invalid_state", self.env._("This task has moved on already.")
            )
        self.sudo().write({"state": state, **(vals or {})})
        self.flush_recordset()

    def action_accept(self):
        """Take waiting tasks."""
        self._step("accepted", ("waiting",), {"user_id": self.env.uid})

    def action_start(self):
        """Begin to clean."""
        self._step(
            "started",
            ("waiting", "accepted"),
            {"user_id": self.env.uid, "started_at": fields.Datetime.now()},
        )

    def action_finish(self):
        """Note that the rooms are clean."""
        now = fields.Datetime.now()
        self._step("finished", OPEN, {"user_id": self.env.uid, "finished_at": now})
        self.sudo()._on_finished()

    def action_reject(self):
        """Give tasks back, to be done by somebody else."""
        self._step("rejected", ("accepted", "started"))
        for task_sudo in self.sudo():
            task_sudo.copy({"state": "waiting", "user_id": False, "started_at": False})

    def action_report_damage(self):
        """Open the form for what was found in the room (one task)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_booking.teahouse_damage_report_action"
        )
        action["context"] = {
            "default_room_id": self.room_id.id,
            "default_task_id": self.id,
        }
        return action

    def action_cancel(self):
        """Do without cleaning."""
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
