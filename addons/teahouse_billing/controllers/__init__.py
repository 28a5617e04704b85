from . import payments, quotes
