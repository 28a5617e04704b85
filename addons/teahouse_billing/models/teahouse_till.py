from odoo import api, fields, models
from odoo.exceptions import UserError


class TeahouseTill(models.Model):
    """The money of a store's counter from opening to closing, counted by staff."""

    _name = "teahouse.till"
    _description = "Cash-up"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "opened_at desc, id desc"

    name = fields.Char(compute="_compute_name", store=True)
    store_id = fields.Many2one(
        "teahouse.store",
        required=True,
        index=True,
        default=lambda self: self._default_store(),
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        [("open", "Till open"), ("closed", "Closed"), ("checked", "Checked")],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
        copy=False,
    )
    opened_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now
    )
    opened_by_id = fields.Many2one(
        "res.users", readonly=True, default=lambda self: self.env.user
    )
    closed_at = fields.Datetime(readonly=True, copy=False, tracking=True)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    checked_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    date = fields.Date(
        compute="_compute_name", store=True, index=True, help="On the store's clock."
    )
    line_ids = fields.One2many("teahouse.till.line", "till_id", string="Methods")
    move_ids = fields.One2many(
        "teahouse.till.move", "till_id", string="Put in and taken out"
    )
    payment_ids = fields.One2many(
        "account.payment",
        "teahouse_till_id",
        string="Payments",
        readonly=True,
        groups="teahouse_base.teahouse_base_group_accountant",
    )
    expected = fields.Monetary(compute="_compute_totals", store=True)
    counted = fields.Monetary(compute="_compute_totals", store=True)
    difference = fields.Monetary(compute="_compute_totals", store=True)

    _one_open = models.UniqueIndex(
        "(store_id) WHERE state = 'open'", "The till of this store is open already."
    )

    @api.model
    def _default_store(self):
        stores = self.env["teahouse.store"].search([], limit=2)
        return stores if len(stores) == 1 else False

    @api.depends("store_id.name", "opened_at")
    def _compute_name(self):
        for till in self:
            local = till.store_id and till.store_id._local(till.opened_at)
            till.date = local and local.date()
            till.name = local and f"{till.store_id.name} {local:%Y-%m-%d %H:%M}"

    @api.depends("line_ids.expected", "line_ids.counted", "line_ids.difference")
    def _compute_totals(self):
        for till in self:
            for name in ("expected", "counted", "difference"):
                till[name] = sum(till.line_ids.mapped(name))

    @api.model_create_multi
    def create(self, vals_list):
        """Open tills; each begins with what the last count left in the drawer."""
        tills = super().create(vals_list)
        for till in tills:
            till.sudo()._make_lines()
            self.env["teahouse.audit"]._log("till.open", till)
        return tills

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(till.state != "open" or till.sudo().payment_ids for till in self):
            raise UserError(self.env._("A till that was used stays."))

    def _make_lines(self):
        self.ensure_one()
        there = self.line_ids.journal_id
        self.env["teahouse.till.line"].create(
            [
                {
                    "till_id": self.id,
                    "journal_id": journal.id,
                    "opening": self._left_over(journal),
                }
                for journal in self._journals() - there
            ]
        )

    def _journals(self):
        """Return the journals (sudo) of the counter."""
        self.ensure_one()
        wizards = self.env["teahouse.counter.payment.wizard"]
        return wizards._journals().filtered(
            lambda journal: journal.company_id == self.company_id
        )

    def _left_over(self, journal):
        """Return what the last count of the store left in the drawer."""
        self.ensure_one()
        if journal.type != "cash":
            return 0.0
        last = self.env["teahouse.till.line"].search(
            [
                ("till_id.store_id", "=", self.store_id.id),
                ("till_id.state", "!=", "open"),
                ("journal_id", "=", journal.id),
            ],
            order="id desc",
            limit=1,
        )
        return last.counted

    @api.model
    def _open_of(self, store):
        """Return the open till (sudo) of a store, possibly none."""
        domain = [("store_id", "=", store.id), ("state", "=", "open")]
        return self.sudo().search(domain, limit=1)

    # === VERBS === #

    def action_close(self):
        """Close tills: everything is counted, and differences have their reason.

        :raise UserError: a count or a reason is missing
        """
        self.check_access("write")
        for till in self:
            till.sudo()._close(self.env.user)

    def _close(self, user):
        self.ensure_one()
        self.lock_for_update()
        if self.state != "open":
            raise UserError(self.env._("This till is closed."))
        self.line_ids._check_counted()
        for line in self.line_ids:
            line._post_difference()
        self.write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": user.id,
            }
        )
        # The next till of the store may be opened in the same breath.
        self.flush_recordset(["state"])
        self.env["teahouse.audit"].with_user(user)._log(
            "till.close", self, {"difference": self.difference}
        )
        for line in self.line_ids.filtered("difference"):
            self.message_post(
                body=self.env._(
                    "%(method)s: %(difference)s. %(reason)s",
                    method=line.journal_id.name,
                    difference=self.currency_id.format(line.difference),
                    reason=line.reason,
                )
            )

    def action_check(self):
        """Note that a manager or an accountant has looked at closed tills."""
        self.check_access("write")
        user = self.env.user
        if not user.has_groups(
            "teahouse_base.teahouse_base_group_manager,"
            "teahouse_base.teahouse_base_group_accountant"
        ):
            raise UserError(self.env._("Tills are checked by managers."))
        if any(till.state != "closed" for till in self):
            raise UserError(self.env._("Only closed tills are checked."))
        self.sudo().write({"state": "checked", "checked_by_id": user.id})

    def action_move_money(self):
        """Open the form to put money in or take it out."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Put in or take out"),
            "res_model": "teahouse.till.move",
            "view_mode": "form",
            "target": "new",
            "context": {"default_till_id": self.id},
        }
