"""What installing and removing the provider has to do."""

from odoo.addons.payment import reset_payment_provider, setup_provider

from .const import CODE


def post_init_hook(env):
    setup_provider(env, CODE)


def uninstall_hook(env):
    reset_payment_provider(env, CODE)
