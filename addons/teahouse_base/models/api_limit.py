from odoo import models


class TeahouseApiLimit(models.AbstractModel):
    _name = "teahouse.api.limit"
    _description = "Rate limits of the API"

    def _admit(self, declaration, request):
        """Count a request."""
