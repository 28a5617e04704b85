from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TeahouseBlacklist(models.Model):
    _name = "teahouse.blacklist"
    _description = "Blacklist entry"
    _order = "id desc"
    _rec_name = "member_id"

    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    store_id = fields.Many2one(
        "teahouse.store",
        ondelete="cascade",
        domain="[('company_id', '=', company_id)]",
        help="Empty: all stores of the company.",
    )
    reason = fields.Char(required=True)
    expires_at = fields.Datetime(string="Until", help="Empty: without end.")
    active = fields.Boolean(default=True)

    @api.constrains("store_id", "company_id")
    def _check_store(self):
        for entry in self:
            if entry.store_id and entry.store_id.company_id != entry.company_id:
                raise ValidationError(
                    self.env._("The store belongs to another company.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        entries = super().create(vals_list)
        for entry in entries:
            self.env["teahouse.audit"]._log(
                "member.blacklist",
                entry.member_id,
                {
                    "store": entry.store_id.name or "",
                    "reason": entry.reason,
                    "until": str(entry.expires_at or ""),
                },
            )
        return entries

    def _in_force(self, store):
        """Return the entries that keep their members out of a store now."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda entry: (
                entry.active
                and entry.company_id == store.company_id
                and entry.store_id in (store, entry.store_id.browse())
                and not (entry.expires_at and entry.expires_at <= now)
            )
        )
