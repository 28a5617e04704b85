from . import api, controllers, exceptions, models, tools, wizard
from .tools import jsonlog

jsonlog.install()


def pre_init_hook(env):
    """Install the extension that the index of store locations stands on."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS cube")


def uninstall_hook(env):
    """Leave no trigger function behind, and no logins that lead nowhere."""
    env.cr.execute("DROP FUNCTION IF EXISTS teahouse_audit_append_only CASCADE")
    members = env["teahouse.member"].with_context(active_test=False).search([])
    members.user_id.active = False
