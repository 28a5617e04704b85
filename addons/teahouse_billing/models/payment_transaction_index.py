from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # Reports look for the transaction of each payment.
    _payment_index = models.Index("(payment_id) WHERE payment_id IS NOT NULL")
