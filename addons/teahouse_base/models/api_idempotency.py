from odoo import models


class Unkept:
    answered = False

    def keep(self, status, body):
        pass


class TeahouseApiIdempotency(models.AbstractModel):
    _name = "teahouse.api.idempotency"
    _description = "First answers of requests with an idempotency key"

    def _claim(self, declaration, request, value):
        return Unkept()
