import base64

from odoo import api, fields, models


class TeahouseStatementImport(models.TransientModel):
    _name = "teahouse.statement.import"
    _description = "Import of a payment provider's statement"

    provider = fields.Selection("_select_provider", required=True)
    file = fields.Binary(required=True, attachment=False)
    name = fields.Char()

    @api.model
    def _select_provider(self):
        """Return the providers of our companies whose statements can be read."""
        providers_sudo = self.env["payment.provider"].sudo()
        found = providers_sudo.search(
            [
                ("company_id", "in", self.env.companies.ids),
                ("state", "!=", "disabled"),
            ]
        )
        return [
            (str(provider.id), provider.name)
            for provider in found
            if hasattr(provider, f"_{provider.code}_read_statement")
        ]

    def action_import(self):
        """Take the file in and show its statements."""
        self.ensure_one()
        provider_sudo = self.env["payment.provider"].sudo().browse(int(self.provider))
        statements_sudo = self.env["teahouse.provider.statement"].sudo()
        found = statements_sudo._import_file(provider_sudo, base64.b64decode(self.file))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_provider_statement_action"
        )
        return {**action, "domain": [("id", "in", found.ids)], "context": {}}
