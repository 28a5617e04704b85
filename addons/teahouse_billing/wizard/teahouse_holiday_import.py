from odoo import fields, models


class TeahouseHolidayImport(models.TransientModel):
    """Enter the announced holidays of a year."""

    _name = "teahouse.holiday.import"
    _description = "Import of holidays"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    year = fields.Integer(
        required=True, default=lambda self: fields.Date.context_today(self).year
    )

    def action_import(self):
        """Enter the days, and show the calendar.

        :raise UserError: they are not known
        """
        self.ensure_one()
        self.env["teahouse.holiday"]._import_china(self.company_id, self.year)
        return self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_holiday_action"
        )
