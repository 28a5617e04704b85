from . import api, controllers, exceptions, models, tools
