import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import engine

_logger = logging.getLogger(__name__)

try:
    import chinese_calendar
except ImportError:
    chinese_calendar = None

#: How long before a year begins its calendar should be there.
AHEAD = timedelta(days=61)


class TeahouseHoliday(models.Model):
    """A day that is not what its weekday says: a holiday, or a make-up working day."""

    _name = "teahouse.holiday"
    _description = "Holiday calendar"
    _order = "date desc, id"

    name = fields.Char(required=True)
    date = fields.Date(required=True, index=True)
    kind = fields.Selection(
        [("holiday", "Holiday"), ("workday", "Working day")],
        default="holiday",
        required=True,
        help="A working day on a weekend makes up for a holiday.",
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )

    _day_unique = models.Constraint(
        "UNIQUE(company_id, date)", "This day is in the calendar already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        days = super().create(vals_list)
        days._touch()
        return days

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        self._touch(companies)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._touch(companies)
        return result

    def _touch(self, companies=None):
        companies = (companies or self.env["res.company"]) | self.exists().company_id
        self.env["teahouse.tariff.stamp"]._renew(companies)

    @api.model
    def _calendar(self, company_id):
        """Return the calendar of a company as the engine takes it."""
        days_sudo = self.sudo().search_fetch(
            [("company_id", "=", company_id)], ["date", "kind"]
        )
        return engine.Calendar({day.date: day.kind for day in days_sudo})

    @api.model
    def _import_china(self, company, year):
        """Enter the days that China's government has announced for a year.

        Days that are there already stay as they are.

        :return: the days that were added
        :raise UserError: the package is not installed, or does not know the year
        """
        if chinese_calendar is None:
            raise UserError(
                self.env._("The Python package chinesecalendar is not installed.")
            )
        constants = chinese_calendar.constants
        announced = [
            (day, name, kind)
            for kind, days in (
                ("holiday", constants.holidays),
                ("workday", constants.workdays),
            )
            for day, name in days.items()
            if day.year == year
        ]
        if not announced:
            raise UserError(
                self.env._("The holidays of %s are not known yet.", str(year))
            )
        there = set(
            self.search(
                [
                    ("company_id", "=", company.id),
                    ("date", ">=", f"{year}-01-01"),
                    ("date", "<=", f"{year}-12-31"),
                ]
            ).mapped("date")
        )
        return self.create(
            [
                {
                    "date": day,
                    "kind": kind,
                    "name": self._announced_name(name, kind),
                    "company_id": company.id,
                }
                for day, name, kind in sorted(announced)
                if day not in there
            ]
        )

    @api.model
    def _announced_name(self, name, kind):
        """Return the name of a holiday in the reader's language."""
        holiday = next((h for h in chinese_calendar.Holiday if h.value == name), None)
        if holiday and (self.env.lang or "").startswith("zh"):
            name = holiday.chinese
        if kind == "holiday":
            return name
        return self.env._("%s, make-up working day", name)

    @api.model
    def _cron_warn_missing(self):
        """Tell owners two months ahead that next year's calendar is empty."""
        year = (fields.Date.today() + AHEAD).year
        for company in self.env["teahouse.tariff"].search([]).company_id:
            days = [
                ("company_id", "=", company.id),
                ("date", ">=", f"{year}-01-01"),
                ("date", "<=", f"{year}-12-31"),
            ]
            if self.search_count(days, limit=1):
                continue
            self.env["teahouse.notification"]._notify(
                self._owners(company),
                "holidays_missing",
                {"year": year, "company": company.name},
                event_key=f"holidays-{company.id}-{year}",
            )

    @api.model
    def _owners(self, company):
        """Return the users who own the business of a company."""
        owners = self.env.ref("teahouse_base.teahouse_base_group_owner").all_user_ids
        return owners.filtered(
            lambda user: company in user.company_ids and not user._is_superuser()
        )
