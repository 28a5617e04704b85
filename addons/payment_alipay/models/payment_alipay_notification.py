from odoo import models


class PaymentAlipayNotification(models.Model):
    _name = "payment.alipay.notification"
    _description = "Alipay notification"
    _inherit = ["payment.gateway.notification"]
