from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.teahouse_base.engine.opening import open_intervals
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

#: So far ahead closed times are written down; a job goes on with it.
AHEAD_DAYS = 400
#: The job writes anew what would last for less than this.
TOP_UP_DAYS = 300


class TeahouseWeeklyClosing(models.Model):
    """Hours of each week in which a room, or a whole store, takes no bookings.

    They stand on the store's clock and are written down as closed times for more than a
    year, so that everything that looks at closed times sees them.
    """

    _name = "teahouse.weekly.closing"
    _description = "Weekly closed hours"
    _order = "store_id, weekday, hour_from"
    _check_company_auto = True

    name = fields.Char(string="Reason", required=True)
    store_id = fields.Many2one(
        "teahouse.store", required=True, ondelete="cascade", index=True
    )
    room_id = fields.Many2one(
        "teahouse.room",
        domain="[('store_id', '=', store_id)]",
        check_company=True,
        ondelete="cascade",
        index=True,
        help="Empty: all rooms of the store.",
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    weekday = fields.Selection(
        [
            ("0", "Monday"),
            ("1", "Tuesday"),
            ("2", "Wednesday"),
            ("3", "Thursday"),
            ("4", "Friday"),
            ("5", "Saturday"),
            ("6", "Sunday"),
            ("7", "Every day"),
        ],
        required=True,
        default="0",
    )
    hour_from = fields.Float(string="From", required=True, default=2.0)
    hour_to = fields.Float(
        string="To",
        required=True,
        default=6.0,
        help="A time not after the beginning lies on the next day.",
    )
    active = fields.Boolean(default=True)
    closing_ids = fields.One2many("teahouse.closing", "weekly_id", readonly=True)
    written_until = fields.Date(readonly=True)

    @api.constrains("hour_from", "hour_to", "room_id", "store_id")
    def _check_hours(self):
        for row in self:
            if not (0 <= row.hour_from < 24 and 0 <= row.hour_to <= 24):
                raise ValidationError(
                    self.env._("Closed hours lie between 00:00 and 24:00.")
                )
            if row.room_id and row.room_id.store_id != row.store_id:
                raise ValidationError(self.env._("Choose a room of this store."))

    @api.onchange("store_id")
    def _onchange_store_id(self):
        if self.room_id.store_id != self.store_id:
            self.room_id = False

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._write_down()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if set(vals) - {"written_until"}:
            self._write_down()
        return result

    def _write_down(self):
        """Make the closed times that are to come anew; the past stays as it was."""
        now = fields.Datetime.now()
        for row_sudo in self.sudo():
            closings = row_sudo.closing_ids.with_context(active_test=False)
            closings.filtered(lambda one: one.start >= now).unlink()
            if not row_sudo.active:
                continue
            until = now + timedelta(days=AHEAD_DAYS)
            begun = closings.exists().filtered(lambda one: one.end > now)
            since = max(begun.mapped("end"), default=now)
            closings.create(
                [
                    {
                        "name": row_sudo.name,
                        "store_id": row_sudo.store_id.id,
                        "room_id": row_sudo.room_id.id,
                        "weekly_id": row_sudo.id,
                        "start": start,
                        "end": end,
                    }
                    for start, end in row_sudo._spans(since, until)
                ]
            )
            row_sudo.written_until = until.date()

    def _spans(self, since, until):
        """Return (start, end) of the closed hours of a row (one), naive UTC."""
        self.ensure_one()
        weekdays = range(7) if self.weekday == "7" else (int(self.weekday),)
        minutes = (round(self.hour_from * 60), round(self.hour_to * 60))
        spans = open_intervals(
            [(weekday, *minutes) for weekday in weekdays],
            self.store_id._zone(),
            since.replace(tzinfo=UTC),
            until.replace(tzinfo=UTC),
        )
        return [(to_utc_naive(start), to_utc_naive(end)) for start, end in spans]

    @api.model
    def _top_up(self):
        """Write down what the passing of time brings within reach. For the job."""
        soon = fields.Date.today() + timedelta(days=TOP_UP_DAYS)
        self.search([("written_until", "<", soon)])._write_down()


class TeahouseClosing(models.Model):
    _inherit = "teahouse.closing"

    weekly_id = fields.Many2one(
        "teahouse.weekly.closing",
        string="Each week",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )


class TeahouseStore(models.Model):
    _inherit = "teahouse.store"

    def write(self, vals):
        """Override: closed hours stand on the store's clock."""
        result = super().write(vals)
        if "tz" in vals:
            rows_sudo = self.env["teahouse.weekly.closing"].sudo()
            rows_sudo.search([("store_id", "in", self.ids)])._write_down()
        return result
