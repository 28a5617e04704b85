from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError


class TeahouseExpense(models.Model):
    """An expense of a store, entered quickly; the vendor bill is made of it."""

    _name = "teahouse.expense"
    _description = "Expense"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="For what", tracking=True)
    company_id = fields.Many2one(
        "res.company", compute="_compute_company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_id = fields.Many2one(
        "teahouse.store",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self._default_store(),
    )
    room_id = fields.Many2one(
        "teahouse.room",
        domain="[('store_id', '=', store_id)]",
        help="Where the expense is one room's; else it is the whole store's.",
    )
    category_id = fields.Many2one(
        "teahouse.expense.category",
        required=True,
        index=True,
        tracking=True,
        check_company=True,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Vendor",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        tracking=True,
    )
    vendor_ref = fields.Char(string="Vendor's invoice number")
    date = fields.Date(
        required=True, default=fields.Date.context_today, tracking=True, index=True
    )
    date_due = fields.Date(string="Pay until")
    amount = fields.Monetary(required=True, tracking=True, help="Tax included.")
    plan_id = fields.Many2one(
        "teahouse.expense.plan",
        string="Recurring expense",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    move_id = fields.Many2one(
        "account.move", string="Vendor bill", readonly=True, copy=False
    )
    state = fields.Selection(
        [
            ("draft", "Entered"),
            ("posted", "Bill posted"),
            ("paid", "Paid"),
            ("cancelled", "Cancelled"),
        ],
        compute="_compute_state",
        store=True,
        compute_sudo=True,
        tracking=True,
        index=True,
    )
    is_cancelled = fields.Boolean(readonly=True, copy=False)

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "An expense is more than zero."
    )
    _once_a_date = models.UniqueIndex(
        "(plan_id, date) WHERE plan_id IS NOT NULL", "This one was entered already."
    )

    @api.model
    def _default_store(self):
        stores = self.env["teahouse.store"].search([], limit=2)
        return stores if len(stores) == 1 else False

    @api.depends("store_id")
    def _compute_company_id(self):
        for expense in self:
            expense.company_id = expense.store_id.company_id or self.env.company

    @api.depends("category_id")
    def _compute_partner_id(self):
        for expense in self.filtered(lambda expense: not expense.partner_id):
            expense.partner_id = expense.category_id.partner_id

    @api.depends("is_cancelled", "move_id.state", "move_id.payment_state")
    def _compute_state(self):
        for expense in self:
            move = expense.move_id
            if expense.is_cancelled or move.state == "cancel":
                expense.state = "cancelled"
            elif move.state != "posted":
                expense.state = "draft"
            elif move.payment_state in ("paid", "in_payment"):
                expense.state = "paid"
            else:
                expense.state = "posted"

    @api.depends("name", "category_id", "store_id")
    def _compute_display_name(self):
        for expense in self:
            parts = (expense.category_id.name, expense.store_id.name, expense.name)
            expense.display_name = " · ".join(filter(None, parts))

    def write(self, vals):
        """Keep what the books show as it is."""
        booked = {"store_id", "room_id", "category_id", "partner_id", "date", "amount"}
        if booked & set(vals) and any(expense.move_id for expense in self):
            raise UserError(
                self.env._("The bill is posted; cancel the expense and enter it anew.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if any(expense.move_id for expense in self):
            raise UserError(self.env._("What has a bill is cancelled, not deleted."))

    @api.constrains("room_id", "store_id")
    def _check_room(self):
        for expense in self.filtered("room_id"):
            if expense.room_id.store_id != expense.store_id:
                raise ValidationError(self.env._("Choose a room of the store."))

    # === THE BILL === #

    def action_post(self):
        """Make and post the vendor bills of entered expenses."""
        self._check_books_right()
        for expense in self:
            expense._post()

    def _post(self):
        """Post the bill of one expense; the second call finds it done."""
        self.ensure_one()
        self.lock_for_update()
        if self.move_id or self.is_cancelled:
            return
        moves_sudo = self.env["account.move"].sudo().with_company(self.company_id)
        move_sudo = moves_sudo.create(self._bill_values())
        move_sudo.action_post()
        self.sudo().move_id = move_sudo
        for attachment in self._attachments():
            attachment.copy({"res_model": "account.move", "res_id": move_sudo.id})

    def _attachments(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "=", self.id)])
        )

    def _bill_values(self):
        self.ensure_one()
        partner = self.partner_id or self.company_id._teahouse_sundry_vendor()
        return {
            "move_type": "in_invoice",
            "partner_id": partner.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "date": self.date,
            "invoice_date_due": self.date_due or self.date,
            "invoice_payment_term_id": False,
            "fiscal_position_id": False,
            "ref": self.vendor_ref or False,
            "teahouse_expense_id": self.id,
            "invoice_line_ids": [
                fields.Command.create(
                    {
                        "name": self.display_name,
                        "account_id": self.category_id.account_id.id,
                        "quantity": 1,
                        "price_unit": self.amount,
                        "tax_ids": self.category_id.tax_id.ids,
                        "analytic_distribution": self._analytic_distribution(),
                    }
                )
            ],
        }

    def _analytic_distribution(self):
        """Return store and room; a store without a room stands alone."""
        self.ensure_one()
        if self.room_id:
            return self.room_id._analytic_distribution()
        return {str(self.store_id._analytic_account().id): 100}

    def action_cancel(self):
        """Take expenses back: the bill is reversed, or was never made."""
        self._check_books_right()
        for expense in self:
            expense.lock_for_update()
            if expense.is_cancelled:
                continue
            move_sudo = expense.sudo().move_id
            if move_sudo.payment_state in ("paid", "in_payment", "partial"):
                raise UserError(
                    self.env._("The bill is paid; take the payment back first.")
                )
            if move_sudo.state == "posted":
                today = fields.Date.context_today(self)
                reversal_sudo = move_sudo._reverse_moves(
                    [{"date": today, "invoice_date": today}], cancel=True
                )
                reversal_sudo.teahouse_expense_id = expense
            expense.sudo().is_cancelled = True

    def action_open_bill(self):
        """Open the vendor bill."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }

    def action_register_payment(self):
        """Open Odoo's payment of the bills."""
        return self.move_id.action_register_payment()

    def _check_books_right(self):
        """Let only accountants and owners post.

        :raise AccessError: others
        """
        self.check_access("write")
        group = "teahouse_base.teahouse_base_group_accountant"
        if not self.env.user.has_group(group) and not self.env.su:
            raise AccessError(self.env._("Bills are posted by accountants."))
