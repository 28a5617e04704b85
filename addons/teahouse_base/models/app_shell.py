from odoo import api, models
from odoo.http import request


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @api.model
    def _teahouse_app_modules(self):
        """Return the addons whose terms the app shows; upper addons add theirs."""
        return ["teahouse_base"]

    @api.model
    def _teahouse_app_name(self):
        """Return the name under which the app stands on a home screen."""
        return self.env.ref("base.main_company").sudo().name

    @api.model
    def _teahouse_app_lang(self):
        """Return the installed language closest to what the browser asks for."""
        installed = [
            code for code, _name in self.env["res.lang"].sudo().get_installed()
        ]
        wanted = request.httprequest.accept_languages.values()
        chosen = [
            request.httprequest.args.get("lang", ""),
            request.httprequest.cookies.get("frontend_lang", ""),
        ]
        for tag in [*chosen, *wanted]:
            for code in installed:
                if tag and code.split("_")[0] == tag.replace("-", "_").split("_")[0]:
                    return code
        return "zh_CN" if "zh_CN" in installed else "en_US"

    @api.model
    def _teahouse_app_info(self):
        """Return what the app's page hands to the app."""
        return {
            "lang": self._teahouse_app_lang(),
            "modules": self._teahouse_app_modules(),
            "name": self._teahouse_app_name(),
        }
