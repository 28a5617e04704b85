"""What installing and removing the provider has to do."""

from odoo.tools import sql

from odoo.addons.payment import reset_payment_provider, setup_provider

from .const import CODE


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


def post_init_hook(env):
    setup_provider(env, CODE)


def uninstall_hook(env):
    reset_payment_provider(env, CODE)
