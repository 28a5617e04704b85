from odoo import fields, models
from odoo.tools import SQL


class TeahouseGuestAccount(models.Model):
    """Entries on the guests' accounts: what is held for them, and what they owe.

    The sum of a booking's rows up to a day is what the books held for it that day:
    an advance or a deposit above zero, a debt below.
    """

    _name = "teahouse.guest.account"
    _description = "Advances and debts of guests"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "booking_id"
    _depends = {
        "account.move": ["move_type", "origin_payment_id", "teahouse_booking_id"],
        "account.move.line": [
            "account_id",
            "balance",
            "company_id",
            "date",
            "move_id",
            "parent_state",
        ],
        "account.payment": ["payment_type", "teahouse_booking_id"],
        "payment.transaction": ["payment_id", "teahouse_booking_id"],
        "teahouse.booking": ["room_id", "store_id"],
    }

    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    booking_id = fields.Many2one("teahouse.booking", readonly=True)
    store_id = fields.Many2one("teahouse.store", readonly=True)
    room_id = fields.Many2one("teahouse.room", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("refund", "Refund"),
            ("invoice", "Invoice"),
            ("credit", "Credit note"),
        ],
        readonly=True,
    )
    amount = fields.Monetary(
        string="Held for the guest",
        readonly=True,
        help="Above zero: an advance or a deposit. Below: the guest owes it.",
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT line.id, line.date, line.company_id, line.move_id,
                   booking.id AS booking_id, booking.store_id, booking.room_id,
                   CASE WHEN move.move_type = 'out_invoice' THEN 'invoice'
                        WHEN move.move_type = 'out_refund' THEN 'credit'
                        WHEN payment.payment_type = 'outbound' THEN 'refund'
                        ELSE 'payment' END AS kind,
                   -line.balance AS amount
              FROM account_move_line line
              JOIN account_account account ON account.id = line.account_id
                   AND account.account_type = 'asset_receivable'
              JOIN account_move move ON move.id = line.move_id
              LEFT JOIN account_payment payment
                     ON payment.id = move.origin_payment_id
              LEFT JOIN LATERAL (
                    SELECT teahouse_booking_id FROM payment_transaction
                     WHERE payment_id = payment.id ORDER BY id LIMIT 1
                   ) tx ON TRUE
              JOIN teahouse_booking booking ON booking.id = coalesce(
                   move.teahouse_booking_id, payment.teahouse_booking_id,
                   tx.teahouse_booking_id)
             WHERE line.parent_state = 'posted'
            """
        )
