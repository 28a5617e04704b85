import uuid

from odoo import api, fields, models


class TeahouseTariffStamp(models.Model):
    """A mark that is new whenever the prices of a company changed.

    Prices are cached under it. Who reads a stamp reads the prices that belong to it,
    because both are of one snapshot: no worker can serve, or keep, an old price.
    """

    _name = "teahouse.tariff.stamp"
    _description = "Mark of the prices of a company"
    _rec_name = "company_id"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    stamp = fields.Char(required=True, readonly=True)

    _company_unique = models.Constraint("UNIQUE(company_id)", "One mark a company.")

    @api.model
    def _renew(self, companies):
        """Give companies a new stamp."""
        stamps_sudo = self.sudo().search([("company_id", "in", companies.ids)])
        for stamp_sudo in stamps_sudo:
            stamp_sudo.stamp = uuid.uuid4().hex
        self.sudo().create(
            [
                {"company_id": company.id, "stamp": uuid.uuid4().hex}
                for company in companies - stamps_sudo.company_id
            ]
        )

    @api.model
    def _current(self, company_id):
        """Return the stamp of a company; empty as long as it never had a price."""
        found = self.sudo().search_fetch(
            [("company_id", "=", company_id)], ["stamp"], limit=1
        )
        return found.stamp or ""
