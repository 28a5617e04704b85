import base64
import binascii

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ..tools import holidays

#: How many days the preview shows.
SHOWN = 60


class TeahouseHolidayImport(models.TransientModel):
    """Enter the announced holidays of a year, or those of a file."""

    _name = "teahouse.holiday.import"
    _description = "Import of holidays"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    source = fields.Selection(
        [("china", "As announced in China"), ("file", "A file (CSV or iCalendar)")],
        string="From",
        required=True,
        default="china",
    )
    year = fields.Integer(default=lambda self: fields.Date.context_today(self).year)
    file = fields.Binary(help="Lines of date, name and kind; or an .ics calendar.")
    file_name = fields.Char()
    replace = fields.Boolean(
        string="Replace days that are there", help="Else they stay as they are."
    )
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("source", "file", "file_name", "replace", "company_id")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = False
            if wizard.source == "file" and wizard.file:
                try:
                    wizard.preview = wizard._show(wizard._read_file())
                except UserError as error:
                    wizard.preview = Markup('<p class="text-danger">%s</p>') % error

    def _read_file(self):
        """Return the days of the file.

        :raise UserError: it cannot be read, or holds no day
        """
        self.ensure_one()
        try:
            content = base64.b64decode(self.file or b"")
            found = holidays.read(content, self.file_name or "")
        except binascii.Error:
            found = []
        except holidays.HolidayFileError as error:
            raise UserError(
                self.env._(
                    "Line %(line)s: %(text)s is no date.",
                    line=error.line,
                    text=error.text,
                )
            ) from error
        if not found:
            raise UserError(self.env._("There is no day in this file."))
        return found

    def _show(self, days):
        kinds = self.env["teahouse.holiday"]._fields["kind"]
        names = dict(kinds._description_selection(self.env))
        there = self._there([day for day, _name, _kind in days])
        rows = Markup().join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>")
            % (
                format_date(self.env, day, date_format="yyyy-MM-dd EEE"),
                name,
                names[kind],
                (self.env._("replaced") if self.replace else self.env._("stays"))
                if day in there
                else self.env._("new"),
            )
            for day, name, kind in days[:SHOWN]
        )
        more = len(days) - SHOWN
        rest = self.env._("and %s more", more) if more > 0 else ""
        return Markup('<table class="table table-sm">%s</table><p>%s</p>') % (
            rows,
            rest,
        )

    def _there(self, days):
        """Return the entries of these days by date."""
        domain = [("company_id", "=", self.company_id.id), ("date", "in", days)]
        return {day.date: day for day in self.env["teahouse.holiday"].search(domain)}

    def action_import(self):
        """Enter the days, and show the calendar.

        :raise UserError: they are not known, or the file cannot be read
        """
        self.ensure_one()
        if self.source == "file":
            self._import_file()
        else:
            self.env["teahouse.holiday"]._import_china(self.company_id, self.year)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_holiday_action"
        )

    def _import_file(self):
        days = self._read_file()
        there = self._there([day for day, _name, _kind in days])
        new = []
        for day, name, kind in days:
            if day not in there:
                values = {"date": day, "name": name, "kind": kind}
                new.append({**values, "company_id": self.company_id.id})
            elif self.replace:
                there[day].write({"name": name, "kind": kind})
        return self.env["teahouse.holiday"].create(new)
