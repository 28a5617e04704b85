from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_base.exceptions import TeahouseError

# States in which the stay itself is over or will not be.
CLOSED_STATES = ("completed", "cancelled", "expired", "no_show")

# What the API tells of a booking's money to guests who do not pay it.
MONEY_OF_OTHERS = {
    **dict.fromkeys(
        (
            "currency",
            "amount_total",
            "amount_paid",
            "amount_refunded",
            "amount_due",
            "payment_state",
            "settlement_state",
        )
    ),
    "payment_methods": [],
    "lines": [],
}


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    currency_id = fields.Many2one(related="company_id.currency_id")
    charge_line_ids = fields.One2many(
        "teahouse.charge.line", "booking_id", string="Charges"
    )
    transaction_ids = fields.One2many(
        "payment.transaction", "teahouse_booking_id", string="Payments", readonly=True
    )
    invoice_ids = fields.One2many(
        "account.move", "teahouse_booking_id", string="Invoices", readonly=True
    )
    amount_total = fields.Monetary(
        string="Total",
        compute="_compute_amounts",
        store=True,
        compute_sudo=True,
        help="Sum of the charges, tax included.",
    )
    amount_paid = fields.Monetary(
        string="Paid",
        compute="_compute_amounts",
        store=True,
        compute_sudo=True,
        help="Confirmed payments less what went back, or is on its way back.",
    )
    amount_refunded = fields.Monetary(
        string="Given back", compute="_compute_amounts", store=True, compute_sudo=True
    )
    amount_due = fields.Monetary(
        string="Due",
        compute="_compute_amounts",
        store=True,
        compute_sudo=True,
        help="Still to be paid, for a waiting extension too.",
    )
    amount_surplus = fields.Monetary(
        string="To give back",
        compute="_compute_amounts",
        store=True,
        compute_sudo=True,
        help="Paid beyond the charges and not given back: no provider could.",
    )
    payment_state = fields.Selection(
        [
            ("none", "Nothing to pay"),
            ("unpaid", "Unpaid"),
            ("paid", "Paid"),
            ("partially_refunded", "Partially refunded"),
            ("refunded", "Refunded"),
        ],
        string="Payment",
        compute="_compute_amounts",
        store=True,
        compute_sudo=True,
        index=True,
    )
    settlement_state = fields.Selection(
        [("open", "Open"), ("settled", "Settled")],
        string="Settlement",
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    settled_at = fields.Datetime(string="Settled on", readonly=True, copy=False)
    settle_error = fields.Char(
        string="Settlement problem",
        readonly=True,
        copy=False,
        help="Why the automatic settlement did not go through; it is tried again.",
    )
    money_version = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        help="Counts the changes to the money of the booking; see _lock_money.",
    )
    transaction_count = fields.Integer(compute="_compute_money_counts")
    invoice_count = fields.Integer(compute="_compute_money_counts")

    @api.depends(
        "state",
        "charge_line_ids.amount",
        "charge_line_ids.state",
        "transaction_ids.amount",
        "transaction_ids.state",
        "transaction_ids.operation",
        "counter_payment_ids.amount",
        "counter_payment_ids.payment_type",
        "counter_payment_ids.state",
    )
    def _compute_amounts(self):
        for booking in self:
            currency = booking.currency_id or self.env.company.currency_id
            charged = booking.charge_line_ids.filtered(
                lambda line: line.state == "open"
            )
            paid, refunded = booking._sum_transactions()
            booking.amount_total = currency.round(sum(charged.mapped("amount")))
            booking.amount_paid = currency.round(paid - refunded)
            booking.amount_refunded = currency.round(refunded)
            due = currency.round(booking._claim() - paid + refunded)
            booking.amount_due = max(0.0, due)
            booking.amount_surplus = max(0.0, -due)
            booking.payment_state = booking._payment_state()

    def _claim(self):
        """Return what the guest owes in all, paid or not.

        With what waits for its payment; nothing once a hold has run out.
        """
        self.ensure_one()
        return 0.0 if self.state == "expired" else self._charged()

    def _charged(self):
        """Return the sum of all charges, those that wait for payment too."""
        self.ensure_one()
        lines = self.sudo().charge_line_ids.filtered(lambda line: line.state != "void")
        return self.currency_id.round(sum(lines.mapped("amount")))

    def _sum_transactions(self):
        """Return what was paid and what of it went back, failed tries apart.

        A refund counts from the moment it is decided, so that the same money is never
        sent back twice.
        """
        self.ensure_one()
        paid = refunded = 0.0
        for tx in self.transaction_ids:
            if tx.operation == "refund" and tx.state not in ("cancel", "error"):
                refunded -= tx.amount
            elif tx.operation != "refund" and tx.state == "done":
                paid += tx.amount
        return paid, refunded

    def _payment_state(self):
        self.ensure_one()
        currency = self.currency_id
        if not currency.is_zero(self.amount_due):
            return "unpaid"
        if self.state in ("cancelled", "expired", "no_show") and self.amount_refunded:
            left = not currency.is_zero(self.amount_paid)
            return "partially_refunded" if left else "refunded"
        if self.amount_paid > 0:
            return "paid"
        return "refunded" if self.amount_refunded else "none"

    def _compute_money_counts(self):
        for booking in self:
            booking.transaction_count = len(booking.sudo().transaction_ids)
            booking.invoice_count = len(booking.sudo().invoice_ids)

    # === HOOKS, here because this file is the first to be loaded === #

    def _on_paid(self):
        """Let what waited for its payment take effect; see the extension."""

    def _discount_lines(self):
        """Return the values of the discount lines of a booking, in their order.

        Upper addons add theirs: negative amounts that lie within what is left.
        """
        self.ensure_one()
        return []

    def _due_cover_methods(self):
        """Return payment methods that settle what is due without the guest.

        :return: (key of `_api_payment_methods`, most that may be taken) in their order
        """
        self.ensure_one()
        return []

    def _charge_real_use(self):
        """Charge what is known only at the end: metered time, overtime."""

    def _payment_moves(self):
        """Return the entries (sudo) of payments and refunds."""
        return self.sudo().transaction_ids.payment_id.move_id

    # === WAYS TO THE DETAILS === #

    def action_view_transactions(self):
        """Open the payments and refunds of the booking."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "teahouse_billing.payment_transaction_action"
        )
        domain = [("teahouse_booking_id", "=", self.id)]
        return {**action, "domain": domain, "context": {}}

    def action_view_invoices(self):
        """Open the invoices and credit notes of the booking."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        domain = [("teahouse_booking_id", "=", self.id)]
        return {**action, "domain": domain, "context": {"create": False}}

    # === LOCKS AND RIGHTS === #

    def _lock_money(self):
        """Make every other change to the money of these bookings come after ours.

        The room's lock comes first, as everywhere. Then the row is *written*: under
        REPEATABLE READ a mere row lock would let the next one go on with the picture
        it had before us; a written row makes it fail to serialise and be replayed.
        """
        if not self:
            return
        self.sudo()._lock_rooms(self.room_id.ids)
        self.flush_recordset()
        # Losing a race is no error to log: the request is replayed.
        self.env.cr.execute(
            SQL(
                """
                UPDATE teahouse_booking SET money_version = money_version + 1
                 WHERE id IN (SELECT id FROM teahouse_booking WHERE id IN %s
                              ORDER BY id FOR NO KEY UPDATE)
                """,
                tuple(self.ids),
            ),
            log_exceptions=False,
        )
        self.invalidate_recordset(["money_version", "transaction_ids"])

    def _check_payer(self):
        """Let only the member pass whose booking it is.

        :raise TeahouseError: not_found
        """
        member = self.env["teahouse.member"]._current()
        if not self or not member or self.sudo().member_id != member:
            raise TeahouseError("not_found", self.env._("There is no such thing."))

    # === API === #

    def _money_values(self, **amounts):
        """Return amounts as the API shows them, with their currency."""
        self.ensure_one()
        shown = {
            name: money_str(amount, self.currency_id)
            for name, amount in amounts.items()
        }
        return {"currency": self.currency_id.name, **shown}

    def _api_values(self):
        """Override of `teahouse_booking` to add the money, for whom it concerns.

        Friends who come along learn nothing of what the booker pays.
        """
        self.ensure_one()
        values = super()._api_values()
        if self._api_viewer() == "guest":
            return {**values, **MONEY_OF_OTHERS}
        lines = self.sudo().charge_line_ids.filtered(lambda line: line.state != "void")
        return {
            **values,
            **self._money_values(
                amount_total=self.amount_total,
                amount_paid=self.amount_paid,
                amount_refunded=self.amount_refunded,
                amount_due=self.amount_due,
            ),
            "payment_state": self.payment_state,
            "payment_methods": self.sudo()._open_methods(),
            "settlement_state": self.settlement_state,
            "lines": [line._api_values() for line in lines],
        }
