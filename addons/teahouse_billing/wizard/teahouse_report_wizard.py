from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date, formatLang

from ..tools.tables import MONEY, NUMBER, TEXT, Table, to_xlsx

OWNERS = (
    "teahouse_base.teahouse_base_group_owner,"
    "teahouse_base.teahouse_base_group_accountant"
)
#: Rows of a table on a printed page.
PAGE_ROWS = 18


class TeahouseReportWizard(models.TransientModel):
    """A report for a period: on screen, as PDF and as XLSX."""

    _name = "teahouse.report.wizard"
    _description = "Report of a period"

    kind = fields.Selection(
        [
            ("finance", "Finance report"),
            ("statement", "Settlement statement"),
            ("cashup", "Cash-up"),
            ("booking", "Statement of a stay"),
        ],
        required=True,
        default="statement",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    store_ids = fields.Many2many(
        "teahouse.store",
        string="Stores",
        domain="[('company_id', '=', company_id)]",
        help="All stores that you see where none is named.",
    )
    booking_id = fields.Many2one("teahouse.booking", string="Stay", readonly=True)
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: fields.Date.context_today(self).replace(day=1),
    )
    date_to = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.context_today(self),
        help="This day included.",
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for wizard in self:
            if wizard.date_to < wizard.date_from:
                raise ValidationError(
                    self.env._("The last day is not before the first one.")
                )

    @api.depends("kind", "company_id", "store_ids", "date_from", "date_to")
    def _compute_preview(self):
        for wizard in self:
            complete = wizard.date_from and wizard.date_to and wizard.company_id
            if not complete or wizard.date_to < wizard.date_from:
                wizard.preview = False
                continue
            wizard.preview = self.env["ir.qweb"]._render(
                "teahouse_billing.report_tables", {"o": wizard, "paper": False}
            )

    @api.depends("kind", "date_from", "date_to", "booking_id")
    def _compute_display_name(self):
        for wizard in self:
            wizard.display_name = wizard._file_name()

    # === PERIODS === #

    def _set_period(self, date_from, date_to):
        self.ensure_one()
        self.write({"date_from": date_from, "date_to": date_to})
        return self._reopen()

    def action_this_month(self):
        """Show the month so far."""
        today = fields.Date.context_today(self)
        return self._set_period(today.replace(day=1), today)

    def action_last_month(self):
        """Show the whole month before."""
        first = fields.Date.context_today(self).replace(day=1)
        return self._set_period(
            first - relativedelta(months=1), first - relativedelta(days=1)
        )

    def action_this_year(self):
        """Show the year so far."""
        today = fields.Date.context_today(self)
        return self._set_period(today.replace(month=1, day=1), today)

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self._title(),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }

    @api.model
    def _open(self, kind, **values):
        """Return the action that shows a new report."""
        wizard = self.create({"kind": kind, **values})
        return wizard._reopen()

    @api.model
    def action_open_finance(self):
        """Open the finance report of this month."""
        return self._open("finance")

    @api.model
    def action_open_statement(self):
        """Open the settlement statement of this month."""
        return self._open("statement")

    @api.model
    def action_open_cashup(self):
        """Open the cash-up of this month by day and method."""
        return self._open("cashup")

    # === WHAT IT SHOWS === #

    def _stores(self):
        """Return the stores (sudo) of the report, of those that the user sees."""
        self.ensure_one()
        seen = self.env["teahouse.store"].search(
            [("company_id", "=", self.company_id.id)]
        )
        chosen = self.store_ids._origin or self.store_ids
        return (seen & chosen if chosen else seen).sudo()

    def _check_right(self):
        """Let managers see statements of their stores only.

        :raise AccessError: the finance report is for owners and accountants
        """
        self.ensure_one()
        if self.company_id not in self.env.user.company_ids:
            raise AccessError(self.env._("This is another company."))
        if self.kind == "finance" and not self.env.user.has_groups(OWNERS):
            raise AccessError(
                self.env._("Finance reports are for owners and accountants.")
            )
        if self.kind == "booking":
            self.booking_id.check_access("read")

    def _tables(self):
        """Return the tables of the report.

        :rtype: list(Table)
        """
        self.ensure_one()
        self._check_right()
        return getattr(self, f"_tables_{self.kind}")()

    def _title(self):
        self.ensure_one()
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    def _subtitle(self):
        """Return what the report is about: stores and period."""
        self.ensure_one()
        if self.kind == "booking":
            booking = self.booking_id
            return f"{booking.ref} · {booking.store_id.name} · {booking.room_id.name}"
        stores = self._stores()
        chosen = self.store_ids or len(stores) == 1
        names = ", ".join(stores.mapped("name")) if chosen else self.company_id.name
        dates = " – ".join(
            format_date(self.env, day) for day in (self.date_from, self.date_to)
        )
        return f"{names} · {dates} · {self.company_id.currency_id.name}"

    def _text(self, value, kind):
        """Return a cell as people read it."""
        if value is None or value == "":
            return ""
        if kind == TEXT:
            return value
        return formatLang(self.env, value, digits=2 if kind == MONEY else 0)

    def _is_number(self, kind):
        return kind in (NUMBER, MONEY)

    def _cell_class(self, value, kind):
        """Return how a cell looks: numbers to the right, what is missing in red."""
        if not self._is_number(kind):
            return ""
        return "text-end text-nowrap" + (" text-danger" if (value or 0) < 0 else "")

    def _pages(self, table, paper=False):
        """Return the rows by page; on screen, and where they fit, they are one.

        The printer would cut a row in two at the end of a page.
        """
        rows = table.rows
        if not paper or len(rows) <= PAGE_ROWS:
            return [rows]
        return [rows[i : i + PAGE_ROWS] for i in range(0, len(rows), PAGE_ROWS)]

    def _grid(self, title, columns, rows, **options):
        return Table(title, columns, rows, **options)

    # === FILES === #

    def action_pdf(self):
        """Print the report."""
        self.ensure_one()
        self._check_right()
        report = self.env.ref("teahouse_billing.action_report_tables")
        return report.report_action(self, config=False)

    def action_xlsx(self):
        """Download the report as a workbook."""
        self.ensure_one()
        self._check_right()
        return {
            "type": "ir.actions.act_url",
            "url": f"/teahouse_billing/reports/{self.id}/xlsx",
            "target": "download",
        }

    def _xlsx(self):
        """Return the workbook and a name for the file.

        :rtype: tuple(bytes, str)
        """
        self.ensure_one()
        tables = self._tables()
        if not tables:
            raise UserError(self.env._("There is nothing in this period."))
        content = to_xlsx(self._title(), self._subtitle(), tables, self.env._("Total"))
        return content, f"{self._file_name()}.xlsx"

    def _file_name(self):
        self.ensure_one()
        part = self.booking_id.ref or f"{self.date_from} – {self.date_to}"
        return f"{self._title()} {part}"


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def action_statement(self):
        """Show the statement of the stay."""
        self.ensure_one()
        self._check_money_right()
        wizards = self.env["teahouse.report.wizard"]
        return wizards._open(
            "booking", booking_id=self.id, company_id=self.company_id.id
        )
