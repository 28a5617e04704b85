from odoo import models
from odoo.tools import config

from ..tools.sms_aliyun import SmsApiAliyun
from ..tools.sms_file import SmsApiFile
from ..tools.sms_tencent import SmsApiTencent

SMS_CLASSES = {"aliyun": SmsApiAliyun, "tencent": SmsApiTencent}


class ResCompany(models.Model):
    _inherit = "res.company"

    def _get_sms_api_class(self):
        """Override of `sms`: the company's own service, if it has one.

        On a development server SMS go into a file.
        """
        self.ensure_one()
        if config.get("teahouse_sms_file"):
            return SmsApiFile
        account_sudo = self._teahouse_sms_account()
        if account_sudo:
            return SMS_CLASSES[account_sudo.service]
        return super()._get_sms_api_class()

    def _teahouse_sms_account(self):
        """Return the account (sudo) at an SMS service of China, or none.

        A branch without an account of its own uses its parent's.
        """
        self.ensure_one()
        accounts_sudo = self.env["teahouse.sms.account"].sudo()
        chain = [int(part) for part in (self.parent_path or "").split("/") if part]
        found = accounts_sudo.search([("company_id", "in", chain or self.ids)])
        return found.sorted(lambda a: chain.index(a.company_id.id))[-1:]
