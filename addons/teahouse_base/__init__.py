from . import api, controllers, exceptions, models, tools, wizard


def pre_init_hook(env):
    """Install the extension that the index of store locations stands on."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS cube")
