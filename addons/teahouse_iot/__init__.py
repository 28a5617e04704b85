from . import api, controllers, models, wizard
from .hooks import uninstall_hook
