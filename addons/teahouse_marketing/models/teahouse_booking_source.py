from odoo import api, fields, models


class TeahouseBooking(models.Model):
    """Where a booking comes from: besides its source, the advertisement."""

    _inherit = "teahouse.booking"

    utm_source_id = fields.Many2one(
        "utm.source", string="UTM source", index="btree_not_null", copy=False
    )
    utm_medium_id = fields.Many2one("utm.medium", string="UTM medium", copy=False)
    utm_campaign_id = fields.Many2one(
        "utm.campaign", string="UTM campaign", index="btree_not_null", copy=False
    )

    @api.model
    def _prepare_create(self, member, room, body):
        """Override of `teahouse_booking` to keep what the client says it came by."""
        vals = super()._prepare_create(member, room, body)
        for name in ("source", "medium", "campaign"):
            if text := getattr(body, f"utm_{name}"):
                record = self._utm_record(f"utm.{name}", text)
                vals[f"utm_{name}_id"] = record.id
        return vals

    @api.model
    def _utm_record(self, model, text):
        """Return the record (sudo) of a word of a link.

        Campaigns, sources and media that nobody set up are not made: a client could
        fill the lists otherwise.
        """
        return self.env[model].sudo().search([("name", "=ilike", text)], limit=1)
