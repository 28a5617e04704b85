from odoo import fields, models


class TeahouseFacility(models.Model):
    _name = "teahouse.facility"
    _description = "Facility"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Name of the facility in the API.")
    icon = fields.Char(help="Name of the icon that the mobile app shows.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)

    _code_unique = models.Constraint(
        "UNIQUE(code)", "The code of a facility is unique."
    )

    def _api_values(self):
        """Return the facility for lists and filters."""
        self.ensure_one()
        return {"code": self.code, "name": self.name, "icon": self.icon or None}
