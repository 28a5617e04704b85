from . import api, controllers, engine, models, wizard


def pre_init_hook(env):
    """Let exclusion constraints compare room ids beside time ranges."""
    env.cr.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
