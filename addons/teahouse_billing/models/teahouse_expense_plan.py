import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

_logger = logging.getLogger(__name__)

#: How many missed bills of one plan a run makes up for.
MOST_MISSED = 24


class TeahouseExpensePlan(models.Model):
    """An expense that comes again: rent each month, insurance each year."""

    _name = "teahouse.expense.plan"
    _description = "Recurring expense"
    _inherit = ["mail.thread"]
    _order = "next_date, id"
    _check_company_auto = True

    name = fields.Char(string="For what", required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_id = fields.Many2one(
        "teahouse.store", required=True, index=True, tracking=True
    )
    room_id = fields.Many2one("teahouse.room", domain="[('store_id', '=', store_id)]")
    category_id = fields.Many2one(
        "teahouse.expense.category", required=True, tracking=True, check_company=True
    )
    partner_id = fields.Many2one("res.partner", string="Vendor", tracking=True)
    amount = fields.Monetary(required=True, tracking=True, help="Tax included.")
    every = fields.Integer(default=1, required=True)
    unit = fields.Selection(
        [("weeks", "weeks"), ("months", "months"), ("years", "years")],
        default="months",
        required=True,
    )
    first_date = fields.Date(
        string="First on",
        required=True,
        default=fields.Date.context_today,
        help="Bills of the 31st are of the last day in shorter months.",
    )
    last_date = fields.Date(string="Last on")
    count = fields.Integer(string="Entered", readonly=True, copy=False)
    next_date = fields.Date(
        string="Next on", compute="_compute_next_date", store=True, index=True
    )
    auto_post = fields.Boolean(
        string="Post the bill by itself",
        help="Else it waits, entered, for the accountant.",
    )
    expense_ids = fields.One2many("teahouse.expense", "plan_id", string="Expenses")

    _amount_positive = models.Constraint(
        "CHECK(amount > 0)", "An expense is more than zero."
    )
    _every_positive = models.Constraint(
        "CHECK(every BETWEEN 1 AND 120)", "It comes again after one unit at least."
    )

    @api.depends("first_date", "last_date", "every", "unit", "count")
    def _compute_next_date(self):
        """Count from the first date, so that the 31st stays the 31st."""
        for plan in self:
            passed = relativedelta(**{plan.unit or "months": plan.every * plan.count})
            following = plan.first_date and plan.first_date + passed
            over = following and plan.last_date and following > plan.last_date
            plan.next_date = False if over else following

    @api.model
    def _cron_enter(self):
        """Enter what is due today, and what was missed."""
        today = fields.Date.context_today(self)
        plans = self.search([("next_date", "<=", today)])
        self.env["ir.cron"]._commit_progress(remaining=len(plans))
        for plan in plans:
            plan = plan.try_lock_for_update()
            try:
                with self.env.cr.savepoint():
                    plan._enter_due(today)
            except Exception:
                # One plan with a closed account must not stop the others.
                _logger.exception("Recurring expense %s failed.", plan.id)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _enter_due(self, today):
        """Enter what is due up to a day.

        :return: the expenses
        """
        expenses = self.env["teahouse.expense"]
        for plan in self:
            for _missed in range(MOST_MISSED):
                if not plan.next_date or plan.next_date > today:
                    break
                expense = expenses.create(plan._expense_values())
                plan.count += 1
                if plan.auto_post:
                    expense._post()
                expenses |= expense
        return expenses

    def _expense_values(self):
        self.ensure_one()
        return {
            "name": self.name,
            "store_id": self.store_id.id,
            "room_id": self.room_id.id,
            "category_id": self.category_id.id,
            "partner_id": self.partner_id.id or self.category_id.partner_id.id,
            "date": self.next_date,
            "amount": self.amount,
            "plan_id": self.id,
        }

    def action_enter_now(self):
        """Enter what is due today, without waiting for the job."""
        self.check_access("write")
        self.lock_for_update()
        self._enter_due(fields.Date.context_today(self))

    def action_view_expenses(self):
        """Open what was entered of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_expense_action"
        )
        return {**action, "domain": [("plan_id", "=", self.id)], "context": {}}
