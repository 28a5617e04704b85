from odoo import api, fields, models


class TeahouseAudit(models.Model):
    _name = "teahouse.audit"
    _description = "Audit trail"
    _order = "id desc"
    _rec_name = "action"

    action = fields.Char(required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    ip = fields.Char(string="Address", readonly=True)
    model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(model_field="model", readonly=True)
    record_name = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    store_id = fields.Many2one("teahouse.store", readonly=True, index=True)
    detail = fields.Json(readonly=True)

    @api.model
    def _log(self, action, record=None, detail=None):
        """Note who did what to which record.

        :param str action: such as ``member.reveal``
        :param record: the record concerned, or None
        :param dict detail: further facts, without secrets
        :return: the entry (sudo)
        """
        return self.sudo().create(
            {
                "action": action,
                "user_id": self.env.uid,
                "model": record._name if record else False,
                "res_id": record.id if record else False,
                "detail": detail,
            }
        )
