"""What installing has to do."""

from odoo.tools import sql


def pre_init_hook(env):
    """Give every provider its own encryption identity.

    The default of a new column would give all existing rows the same one.
    """
    if sql.column_exists(env.cr, "payment_provider", "encryption_uid"):
        return
    sql.create_column(env.cr, "payment_provider", "encryption_uid", "varchar")
    env.cr.execute(
        "UPDATE payment_provider "
        "SET encryption_uid = replace(gen_random_uuid()::text, '-', '')"
    )
