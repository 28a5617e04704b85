"""Odoo shell script: make a copied database a store of its own, without demo data."""

parameters = env["ir.config_parameter"].sudo()  # noqa: F821
# The template is shared: its secret and its id must not be.
parameters.init(force=True)
parameters.set_param("web.base.url", arguments["base_url"])  # noqa: F821
parameters.set_param("web.base.url.freeze", "True")
env.ref("base.main_company").name = arguments["company"]  # noqa: F821
env.ref("base.user_admin").password = arguments["admin_password"]  # noqa: F821
env.cr.commit()  # noqa: F821
result(True)  # noqa: F821
