from odoo import api, fields, models

from ..engine import Days

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class TeahouseDaysMixin(models.AbstractModel):
    """On which days a price stands: a day type, or named weekdays."""

    _name = "teahouse.days.mixin"
    _description = "Days of a price"

    day_type = fields.Selection(
        [
            ("any", "Any day"),
            ("workday", "Workdays"),
            ("weekend", "Weekends"),
            ("holiday", "Holidays"),
        ],
        string="Days",
        default="any",
        required=True,
        help="By the holiday calendar: a holiday is no weekend, a make-up working day "
        "on a weekend is a workday.",
    )
    mon = fields.Boolean()
    tue = fields.Boolean()
    wed = fields.Boolean()
    thu = fields.Boolean()
    fri = fields.Boolean()
    sat = fields.Boolean()
    sun = fields.Boolean()
    days_label = fields.Char(string="On", compute="_compute_days_label")

    @api.depends("day_type", *WEEKDAYS)
    def _compute_days_label(self):
        # The mixin's own words are translated; those of who inherits it may not be.
        own = self.env["teahouse.days.mixin"]._fields
        types = dict(own["day_type"]._description_selection(self.env))
        for record in self:
            names = [
                own[day]._description_string(self.env)
                for day in WEEKDAYS
                if record[day]
            ]
            record.days_label = ", ".join(names) or types.get(record.day_type)

    def _engine_days(self, date_from=None, date_to=None):
        """Return the days as the engine takes them. Named weekdays count first."""
        self.ensure_one()
        named = frozenset(i for i, day in enumerate(WEEKDAYS) if self[day])
        return Days(self.day_type or "any", named, date_from or None, date_to or None)
