from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive

HOUR_KINDS = ("hourly", "metered")
#: Clock fields go up to midnight at the end of the day.
LAST_HOUR = 24.0


def clock_minutes(hours):
    """Return the minutes after midnight of a clock time kept as hours."""
    return round((hours or 0.0) * 60)


def clock_text(minutes):
    """Return minutes after midnight as people read them."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


class TeahouseTariff(models.Model):
    """A price at which time in rooms is sold; see the engine for what it means.

    A tariff is sold as it stands: bookings keep what was in force when they were made,
    so a change never alters what was sold. What shall change at a given time is a new
    version, in force from then on.
    """

    _name = "teahouse.tariff"
    _description = "Tariff"
    _inherit = ["mail.thread", "teahouse.days.mixin"]
    _order = "company_id, kind, sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(
        default=10, help="Of hourly tariffs that name the same, the first one counts."
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [
            ("hourly", "Hours"),
            ("package", "Package"),
            ("session", "Session"),
            ("metered", "Metered"),
        ],
        default="hourly",
        required=True,
        tracking=True,
        help="Hours: by price bands. Package: a fixed length at one price. Session: "
        "one price for a fixed window of the day. Metered: opened now, billed at the "
        "end.",
    )

    # Where and when
    store_ids = fields.Many2many(
        "teahouse.store",
        string="Stores",
        check_company=True,
        help="All stores where none is named.",
    )
    room_type_ids = fields.Many2many(
        "teahouse.room.type",
        string="Room types",
        check_company=True,
        help="All room types where none is named.",
    )
    room_ids = fields.Many2many(
        "teahouse.room",
        string="Rooms",
        check_company=True,
        help="All rooms where none is named.",
    )
    date_from = fields.Date(string="For stays from")
    date_to = fields.Date(string="For stays until", help="This day included.")
    valid_from = fields.Datetime(
        string="Sold from",
        tracking=True,
        help="Bookings made from then on get this price; at once where it is empty.",
    )
    valid_until = fields.Datetime(
        string="Sold until",
        compute="_compute_valid_until",
        store=True,
        help="When the next version takes over.",
    )
    previous_id = fields.Many2one(
        "teahouse.tariff",
        string="Version before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    next_ids = fields.One2many("teahouse.tariff", "previous_id", string="Next versions")

    # Hours
    band_ids = fields.One2many("teahouse.tariff.band", "tariff_id", copy=True)
    step_minutes = fields.Integer(
        string="Steps", default=30, help="The billed length is rounded up to steps."
    )
    min_minutes = fields.Integer(
        string="Billed at least", default=60, help="Minutes, of stays by hours only."
    )
    cap_amount = fields.Monetary(
        string="Cap", help="The most that is charged for each window below; 0: no cap."
    )
    cap_minutes = fields.Integer(
        string="Cap every", help="Minutes, counted from the start of the stay."
    )

    # Packages and sessions
    price = fields.Monetary(tracking=True)
    duration_minutes = fields.Integer(string="Length", default=240, help="Minutes.")
    window_from = fields.Float(string="From", default=0.0)
    window_to = fields.Float(string="To", default=LAST_HOUR)
    several_per_stay = fields.Boolean(
        string="Several per stay",
        help="A stay may hold more than one piece, of this and of others so marked.",
    )

    # Metered
    deposit = fields.Monetary(help="Paid before the door opens.")

    _lengths = models.Constraint(
        """CHECK(step_minutes BETWEEN 1 AND 1440 AND min_minutes BETWEEN 0 AND 4320
                 AND cap_minutes >= 0 AND cap_amount >= 0)""",
        "Steps last from a minute to a day, and lengths are never negative.",
    )
    _piece = models.Constraint(
        """CHECK(kind NOT IN ('package', 'session')
                 OR (price >= 0 AND duration_minutes BETWEEN 1 AND 4320))""",
        "A package lasts from a minute to three days, at a price not below zero.",
    )
    _window = models.Constraint(
        """CHECK(window_from >= 0 AND window_from < 24
                 AND window_to >= 0 AND window_to <= 24)""",
        "Clock times lie between 00:00 and 24:00.",
    )
    _dates = models.Constraint(
        "CHECK(date_from IS NULL OR date_to IS NULL OR date_from <= date_to)",
        "The last day is not before the first one.",
    )
    _deposit = models.Constraint("CHECK(deposit >= 0)", "A deposit is never negative.")

    @api.depends("next_ids.valid_from", "next_ids.active")
    def _compute_valid_until(self):
        for tariff in self:
            starts = tariff.next_ids.filtered("active").mapped("valid_from")
            tariff.valid_until = min(filter(None, starts), default=False)

    @api.constrains("cap_amount", "cap_minutes")
    def _check_cap(self):
        for tariff in self:
            if tariff.cap_amount and tariff.cap_minutes < 1:
                raise ValidationError(
                    self.env._("Say for how many minutes the cap counts.")
                )

    @api.constrains("previous_id", "valid_from")
    def _check_version(self):
        if self._has_cycle("previous_id"):
            raise ValidationError(self.env._("A version cannot follow itself."))
        for tariff in self.filtered("previous_id"):
            before = tariff.previous_id.valid_from
            if not tariff.valid_from or (before and tariff.valid_from <= before):
                raise ValidationError(
                    self.env._("A new version is sold later than the one before it.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        tariffs = super().create(vals_list)
        tariffs._touch()
        return tariffs

    def write(self, vals):
        companies = self.company_id
        result = super().write(vals)
        self._touch(companies)
        return result

    def unlink(self):
        companies = self.company_id
        result = super().unlink()
        self._touch(companies)
        return result

    def copy_data(self, default=None):
        """Override to tell a copy apart by its name."""
        default = dict(default or {})
        vals_list = super().copy_data(default)
        if "name" in default:
            return vals_list
        return [
            {**vals, "name": self.env._("%s (copy)", tariff.name)}
            for tariff, vals in zip(self, vals_list, strict=True)
        ]

    def _touch(self, companies=None):
        """Note that prices of these companies changed."""
        companies = (companies or self.env["res.company"]) | self.exists().company_id
        self.env["teahouse.tariff.stamp"]._renew(companies)
        stores_sudo = self.env["teahouse.store"].sudo()
        stores_sudo.search([("company_id", "in", companies.ids)])._refresh_price_from()

    def _next_midnight(self):
        """Return when tomorrow begins where the tariff is sold, naive UTC."""
        self.ensure_one()
        stores_sudo = self.env["teahouse.store"].sudo()
        named = self.sudo().store_ids | self.sudo().room_ids.store_id
        domain = [("company_id", "=", self.company_id.id)]
        store_sudo = named[:1] or stores_sudo.search(domain, limit=1)
        if not store_sudo:
            return fields.Datetime.add(fields.Datetime.today(), days=1)
        local = store_sudo._local(fields.Datetime.now()) + timedelta(days=1)
        return to_utc_naive(local.replace(hour=0, minute=0, second=0, microsecond=0))

    def action_new_version(self):
        """Make the version that takes over tomorrow, and open it."""
        self.ensure_one()
        self.check_access("write")
        if self.next_ids:
            raise UserError(self.env._("There is a newer version already."))
        tomorrow = self._next_midnight()
        version = self.copy(
            {
                "name": self.name,
                "previous_id": self.id,
                "valid_from": max(tomorrow, self.valid_from or tomorrow),
            }
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "view_mode": "form",
        }
