from odoo import models
from odoo.tools import config

from ..tools.sms_file import SmsApiFile


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_sms_api_class(self):
        """Override of `sms`: on a development server SMS go into a file."""
        self.ensure_one()
        if config.get("teahouse_sms_file"):
            return SmsApiFile
        return super()._get_sms_api_class()
