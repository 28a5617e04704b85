from . import marketing
