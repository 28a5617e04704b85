"""Odoo shell script: make a copied database this installation's own, with our demo.

Only our addons' demo data: Odoo's own would fill the screens with other trades.
"""

from odoo.modules.module import Manifest
from odoo.tools.convert import convert_file

parameters = env["ir.config_parameter"].sudo()  # noqa: F821
# The template is shared by checkouts: its secret and its id must not be.
parameters.init(force=True)
parameters.set_param("web.base.url", arguments["base_url"])  # noqa: F821
parameters.set_param("web.base.url.freeze", "True")
env.ref("base.main_company").name = "清和茶室"  # noqa: F821
env.ref("base.user_admin").password = arguments["admin_password"]  # noqa: F821

for module in arguments["addons"]:  # noqa: F821
    for file in Manifest.for_addon(module)["demo"]:
        convert_file(env, module, file, {}, mode="init", noupdate=True)  # noqa: F821

env.cr.commit()  # noqa: F821
result(True)  # noqa: F821
