from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

#: What whoever reports writes; the rest follows from the buttons.
FREE_FIELDS = {"name", "description", "severity", "photo_ids", "room_id", "task_id"}
#: What those who see to the repair write besides.
REPAIR_FIELDS = {"user_id", "cost", "booking_id"}


class TeahouseDamage(models.Model):
    """Something broken or missing in a room, from the report to the repair."""

    _name = "teahouse.damage"
    _description = "Damage"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state_rank, severity desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="What is broken", required=True)
    description = fields.Text()
    room_id = fields.Many2one(
        "teahouse.room", required=True, index=True, ondelete="cascade"
    )
    store_id = fields.Many2one(related="room_id.store_id", store=True, index=True)
    company_id = fields.Many2one(related="room_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    task_id = fields.Many2one(
        "teahouse.cleaning.task", string="Found when cleaning", ondelete="set null"
    )
    booking_id = fields.Many2one(
        "teahouse.booking",
        string="Stay before",
        ondelete="set null",
        index="btree_not_null",
        groups="teahouse_base.teahouse_base_group_staff",
    )
    severity = fields.Selection(
        [("0", "Small"), ("1", "Disturbs guests"), ("2", "Room cannot be used")],
        default="0",
        required=True,
        tracking=True,
    )
    state = fields.Selection(
        [
            ("reported", "Reported"),
            ("in_repair", "In repair"),
            ("resolved", "Resolved"),
        ],
        default="reported",
        required=True,
        readonly=True,
        tracking=True,
        group_expand=True,
    )
    state_rank = fields.Integer(compute="_compute_state_rank", store=True)
    user_id = fields.Many2one("res.users", string="Sees to it", tracking=True)
    resolved_at = fields.Datetime(readonly=True, copy=False)
    cost = fields.Monetary(groups="teahouse_base.teahouse_base_group_staff")
    photo_ids = fields.Many2many("ir.attachment", string="Photos")

    @api.depends("state")
    def _compute_state_rank(self):
        order = [key for key, _name in self._fields["state"].selection]
        for damage in self:
            damage.state_rank = order.index(damage.state)

    @api.model_create_multi
    def create(self, vals_list):
        damages = super().create(vals_list)
        for damage_sudo in damages.sudo():
            if damage_sudo.task_id and not damage_sudo.booking_id:
                damage_sudo.booking_id = damage_sudo.task_id.booking_id
        return damages

    def write(self, vals):
        if not self.env.su:
            allowed = FREE_FIELDS | (REPAIR_FIELDS if self._may_repair() else set())
            own = {n for n in vals if "teahouse_booking" in self._fields[n]._modules}
            if own - allowed:
                raise TeahouseError("forbidden", self.env._("Use the buttons."))
        return super().write(vals)

    def _may_repair(self):
        user = self.env.user
        return any(
            user.has_group(f"teahouse_base.teahouse_base_group_{role}")
            for role in ("staff", "technician")
        )

    def _step(self, state, vals=None):
        self.check_access("write")
        if not self.env.su and not self._may_repair():
            raise TeahouseError(
                "forbidden", self.env._("Staff or a technician sees to damages.")
            )
        self.sudo().write({"state": state, **(vals or {})})

    def action_repair(self):
        """Note that somebody sees to it: the calling user, where nobody did."""
        for damage in self:
            user = damage.user_id or self.env.user
            damage._step("in_repair", {"user_id": user.id})

    def action_resolve(self):
        """Note that it is as it should be."""
        self._step("resolved", {"resolved_at": fields.Datetime.now()})

    def action_reopen(self):
        """Take a resolved damage up again."""
        self._step("reported", {"resolved_at": False})

    def action_close_room(self):
        """Open the form that keeps guests out of the room meanwhile."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Close the room"),
            "res_model": "teahouse.closing",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_name": self.name,
                "default_store_id": self.store_id.id,
                "default_room_id": self.room_id.id,
                "default_start": fields.Datetime.now(),
            },
        }
