from . import exceptions, models, tools
