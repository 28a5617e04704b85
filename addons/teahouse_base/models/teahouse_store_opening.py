from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TeahouseStoreOpening(models.Model):
    _name = "teahouse.store.opening"
    _description = "Opening hours of a store"
    _order = "store_id, weekday, hour_from"

    store_id = fields.Many2one(
        "teahouse.store", required=True, ondelete="cascade", index=True
    )
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
        ],
        required=True,
    )
    hour_from = fields.Float(string="From", required=True, default=9.0)
    hour_to = fields.Float(
        string="To",
        required=True,
        default=22.0,
        help="A time not after the beginning lies on the next day.",
    )

    @api.constrains("hour_from", "hour_to")
    def _check_hours(self):
        for line in self:
            if not (0 <= line.hour_from < 24 and 0 <= line.hour_to <= 24):
                raise ValidationError(
                    self.env._("Opening hours lie between 00:00 and 24:00.")
                )

    def _api_values(self):
        """Return the line with Monday as 0 and clock times as ``HH:MM``."""
        self.ensure_one()
        return {
            "weekday": int(self.weekday),
            "from": _clock(self.hour_from),
            "to": _clock(self.hour_to),
        }


def _clock(hours):
    minutes = round(hours * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
