from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.teahouse_base.api import iso, money_str

# Kinds that are agreed when booking and that a cancellation takes back.
STAY_KINDS = ("base", "extension", "discount", "deposit")
# A deposit is held, not earned: it never stands on an invoice.
HELD_KINDS = ("deposit",)


class TeahouseChargeLine(models.Model):
    _name = "teahouse.charge.line"
    _description = "Charge line"
    _order = "booking_id, sequence, id"
    _check_company_auto = True

    booking_id = fields.Many2one(
        "teahouse.booking", required=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(default=10)
    # Precomputed, so that a line is written once.
    company_id = fields.Many2one(
        related="booking_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_id = fields.Many2one(
        related="booking_id.store_id", store=True, precompute=True, index=True
    )
    room_id = fields.Many2one(
        "teahouse.room",
        compute="_compute_room_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
        ondelete="restrict",
        help="The room that the charge is for; it stays when the guest changes rooms.",
    )
    member_id = fields.Many2one(
        related="booking_id.member_id", store=True, precompute=True
    )
    kind = fields.Selection(
        [
            ("base", "Stay"),
            ("extension", "Extension"),
            ("overtime", "Overtime"),
            ("goods", "Goods"),
            ("discount", "Discount"),
            ("fee", "Fee"),
            ("deposit", "Deposit"),
            ("adjustment", "Adjustment"),
        ],
        required=True,
        default="base",
        index=True,
    )
    name = fields.Char(required=True)
    quantity = fields.Float(default=1.0, digits=(16, 4), aggregator=None)
    unit_price = fields.Monetary(
        aggregator=None, help="Tax included; for time, the price of one hour."
    )
    amount = fields.Monetary(required=True, help="Tax included, rounded to the cent.")
    minutes = fields.Integer(string="Minutes billed")
    start = fields.Datetime()
    end = fields.Datetime()
    state = fields.Selection(
        [
            ("open", "Charged"),
            ("pending", "Waiting for payment"),
            ("void", "Taken back"),
        ],
        required=True,
        default="open",
        index=True,
        help="Only charged lines count and are invoiced. A waiting line belongs to an "
        "extension or a room change that takes effect once it is paid.",
    )
    change_id = fields.Many2one(
        "teahouse.booking.change", readonly=True, index="btree_not_null"
    )
    is_recomputed = fields.Boolean(
        readonly=True, help="A discount that is computed anew while on hold."
    )
    reason = fields.Char(help="Why somebody adjusted, waived or took back the charge.")
    product_id = fields.Many2one("product.product", ondelete="restrict")
    move_line_ids = fields.One2many(
        "account.move.line", "teahouse_charge_line_id", string="Invoice lines"
    )
    date = fields.Date(compute="_compute_date", store=True, index=True)

    _amount_sign = models.Constraint(
        "CHECK(kind IN ('discount', 'adjustment') OR amount >= 0)",
        "Only discounts and adjustments may be negative.",
    )

    @api.depends("booking_id.room_id")
    def _compute_room_id(self):
        for line in self.filtered(lambda line: not line.room_id):
            line.room_id = line.booking_id.room_id

    @api.depends("start", "booking_id.start", "booking_id.store_id.tz")
    def _compute_date(self):
        """The day on the store's clock that reports count the charge to."""
        for line in self:
            instant = line.start or line.booking_id.start
            local = instant and line.booking_id.store_id._local(instant)
            line.date = local and local.date()

    def write(self, vals):
        """Keep what an invoice already shows as it is."""
        fixed = {"amount", "state", "kind", "booking_id", "quantity", "unit_price"}
        if fixed & set(vals) and any(line._is_invoiced() for line in self):
            raise UserError(
                self.env._("An invoiced charge stays as it is; add an adjustment.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booked(self):
        if any(line.booking_id.state != "hold" for line in self):
            raise UserError(self.env._("Charges are taken back, not deleted."))

    def _is_invoiced(self):
        """Tell whether a posted invoice carries the line."""
        self.ensure_one()
        moves = self.sudo().move_line_ids.move_id
        return any(move.state == "posted" for move in moves)

    def _invoiceable(self):
        """Return the lines of self that belong on an invoice and are on none yet."""
        return self.filtered(
            lambda line: (
                line.state == "open"
                and line.kind not in HELD_KINDS
                and not line._is_invoiced()
            )
        )

    @api.model
    def _refresh_discounts(self, booking):
        """Compute the discounts of a booking anew; they are lines of their own.

        :param booking: on hold, nothing of it invoiced
        """
        lines = booking.sudo().charge_line_ids
        lines.filtered("is_recomputed").unlink()
        self.sudo().create(
            [
                {
                    "booking_id": booking.id,
                    "kind": "discount",
                    "is_recomputed": True,
                    "sequence": 30,
                    **values,
                }
                for values in booking.sudo()._discount_lines()
            ]
        )

    def _void(self, reason):
        """Take lines back: they stay to be seen, and count no more.

        :param str reason: shown beside the line
        """
        self.write({"state": "void", "reason": reason})

    def _tax(self):
        """Return the sales tax that is included in the amount, possibly none."""
        self.ensure_one()
        own = self.product_id.taxes_id.filtered(
            lambda tax: tax.company_id == self.company_id and tax.price_include
        )
        return own or self.company_id._teahouse_tax()

    def _invoice_line_values(self, sign=1):
        """Return the values of the invoice line for this charge.

        One unit at the whole amount, so that no division can lose a cent.

        :param int sign: 1 on an invoice, -1 on a credit note
        """
        self.ensure_one()
        return {
            "name": self.name,
            "product_id": self.product_id.id,
            "quantity": 1,
            "price_unit": sign * self.amount,
            "discount": 0,
            "tax_ids": self._tax().ids,
            "analytic_distribution": self.room_id._analytic_distribution(),
            "teahouse_charge_line_id": self.id,
        }

    def _api_values(self):
        """Return the line as the API shows it."""
        self.ensure_one()
        zone = self.store_id._zone()
        return {
            "kind": self.kind,
            "name": self.name,
            "start": iso(self.start, zone),
            "end": iso(self.end, zone),
            "minutes": self.minutes or None,
            "quantity": f"{self.quantity:g}",
            "unit_price": money_str(self.unit_price, self.currency_id),
            "amount": money_str(self.amount, self.currency_id),
            "state": self.state,
        }
