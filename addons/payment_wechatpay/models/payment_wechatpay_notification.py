from odoo import models


class PaymentWechatpayNotification(models.Model):
    _name = "payment.wechatpay.notification"
    _description = "WeChat Pay notification"
    _inherit = ["payment.gateway.notification"]
