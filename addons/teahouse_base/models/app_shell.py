from urllib.parse import urlencode

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
        """Return what the app's page hands to the app.

        Whatever the first screen needs to know before it asks anything stands here.
        """
        lang, modules = self._teahouse_app_lang(), self._teahouse_app_modules()
        return {
            "lang": lang,
            "modules": modules,
            "terms": self._teahouse_app_terms(lang, modules),
            "name": self._teahouse_app_name(),
            "map": self.env["teahouse.store"].sudo().map_tiles(),
            "platforms": self.env["teahouse.platform.app"]._web_platforms(),
        }

    @api.model
    def _teahouse_app_terms(self, lang, modules):
        """Return the address of the app's words, which changes with them.

        The page names it, so that the browser fetches it along with the code.
        """
        version = self._get_web_translations_hash(modules, lang)
        # The route leaves the words out for whoever names their very hash.
        words = {"mods": ",".join(modules), "lang": lang, "hash": f"app-{version}"}
        return f"/web/webclient/translations?{urlencode(words)}"
