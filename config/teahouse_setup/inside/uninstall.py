"""Odoo shell script: uninstall a module and tell what it left behind."""

name = arguments["module"]  # noqa: F821
modules = env["ir.module.module"]  # noqa: F821
module = modules.search([("name", "=", name)])
env.cr.execute(  # noqa: F821
    "SELECT model FROM ir_model WHERE id IN (SELECT res_id FROM ir_model_data"
    " WHERE module = %s AND model = 'ir.model')"
    " AND id NOT IN (SELECT res_id FROM ir_model_data"
    " WHERE module != %s AND model = 'ir.model')",
    (name, name),
)
tables = [model.replace(".", "_") for (model,) in env.cr.fetchall()]  # noqa: F821

module.button_immediate_uninstall()

env = env(cr=env.cr)  # noqa: F821
env.cr.execute("SELECT state FROM ir_module_module WHERE name = %s", (name,))
state = env.cr.fetchone()[0]
env.cr.execute("SELECT model, name FROM ir_model_data WHERE module = %s", (name,))
records = [".".join(row) for row in env.cr.fetchall()]
env.cr.execute("SELECT tablename FROM pg_tables WHERE tablename = ANY(%s)", (tables,))
result(  # noqa: F821
    {
        "state": state,
        "records": records,
        "tables": [row[0] for row in env.cr.fetchall()],
    }
)
