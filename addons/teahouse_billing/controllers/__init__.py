from . import payments, quotes, reports
