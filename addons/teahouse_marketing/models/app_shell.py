from odoo import api, models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @api.model
    def _teahouse_app_modules(self):
        return [*super()._teahouse_app_modules(), "teahouse_marketing"]
