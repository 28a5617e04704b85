from odoo import api, fields, models

from ..engine import Band
from .teahouse_tariff import LAST_HOUR, clock_minutes, clock_text


class TeahouseTariffBand(models.Model):
    """A price per hour between two clock times, of an hourly or metered tariff."""

    _name = "teahouse.tariff.band"
    _description = "Price band"
    _inherit = ["teahouse.days.mixin"]
    _order = "tariff_id, sequence, id"

    tariff_id = fields.Many2one(
        "teahouse.tariff", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="tariff_id.company_id")
    currency_id = fields.Many2one(related="tariff_id.currency_id")
    sequence = fields.Integer(
        default=10, help="The first band that matches a minute prices it."
    )
    time_from = fields.Float(string="From", default=0.0, required=True)
    time_to = fields.Float(
        string="To",
        default=LAST_HOUR,
        required=True,
        help="Not after the start: the band runs over midnight.",
    )
    price_hour = fields.Monetary(string="Price per hour", required=True)

    _times = models.Constraint(
        """CHECK(time_from >= 0 AND time_from < 24
                 AND time_to >= 0 AND time_to <= 24)""",
        "Clock times lie between 00:00 and 24:00.",
    )
    _price = models.Constraint("CHECK(price_hour >= 0)", "A price is never below zero.")

    @api.model_create_multi
    def create(self, vals_list):
        bands = super().create(vals_list)
        bands.tariff_id._touch()
        return bands

    def write(self, vals):
        tariffs = self.tariff_id
        result = super().write(vals)
        (tariffs | self.tariff_id)._touch()
        return result

    def unlink(self):
        tariffs = self.tariff_id
        result = super().unlink()
        tariffs._touch()
        return result

    @api.depends("time_from", "time_to", "days_label")
    def _compute_display_name(self):
        for band in self:
            clock = "–".join(
                clock_text(clock_minutes(hours))
                for hours in (band.time_from, band.time_to)
            )
            band.display_name = f"{band.days_label} {clock}"

    def _engine_band(self):
        """Return the band as the engine takes it."""
        self.ensure_one()
        return Band(
            clock_minutes(self.time_from) % 1440,
            clock_minutes(self.time_to),
            self.env["teahouse.tariff"]._decimal(self.price_hour),
            self._engine_days(),
        )
