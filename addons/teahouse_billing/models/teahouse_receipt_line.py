from odoo import api, fields, models
from odoo.tools import SQL


class TeahouseReceiptLine(models.Model):
    """What guests paid and got back, as posted, by method, store, room and channel."""

    _name = "teahouse.receipt.line"
    _description = "Payments and refunds"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "payment_id"
    _depends = {
        "account.payment": [
            "amount",
            "company_id",
            "date",
            "journal_id",
            "payment_type",
            "state",
            "teahouse_booking_id",
        ],
        "payment.transaction": [
            "payment_id",
            "teahouse_booking_id",
            "teahouse_method",
        ],
        "teahouse.booking": ["room_id", "source", "store_id", "tariff_id"],
    }

    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    payment_id = fields.Many2one("account.payment", readonly=True)
    transaction_id = fields.Many2one("payment.transaction", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    method = fields.Selection("_method_selection", readonly=True)
    booking_id = fields.Many2one("teahouse.booking", readonly=True)
    store_id = fields.Many2one("teahouse.store", readonly=True)
    room_id = fields.Many2one("teahouse.room", readonly=True)
    source = fields.Selection(
        selection=lambda self: self._labels("teahouse.booking", "source"),
        string="Channel",
        readonly=True,
    )
    tariff_id = fields.Many2one("teahouse.tariff", readonly=True)
    paid = fields.Monetary(readonly=True)
    refunded = fields.Monetary(string="Given back", readonly=True)
    net = fields.Monetary(readonly=True, help="Paid less what was given back.")

    @api.model
    def _method_selection(self):
        """Return the ways money comes in: those of the app, and the counter's."""
        known = {
            "wechat": self.env._("WeChat Pay"),
            "alipay": self.env._("Alipay"),
            "balance": self.env._("Balance"),
            "demo": self.env._("Demonstration"),
        }
        keys = self.env["teahouse.booking"]._api_payment_methods()
        return [
            *((key, known.get(key, key.capitalize())) for key in keys),
            ("cash", self.env._("Cash at the counter")),
            ("bank", self.env._("Bank or card at the counter")),
            ("other", self.env._("Other")),
        ]

    def _labels(self, model, field):
        """Return the options of a field elsewhere, in the reader's language."""
        return self.env[model]._fields[field]._description_selection(self.env)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT payment.id, payment.date, payment.company_id,
                   payment.id AS payment_id, tx.id AS transaction_id,
                   payment.journal_id, booking.id AS booking_id,
                   CASE WHEN tx.id IS NOT NULL
                        THEN coalesce(tx.teahouse_method, 'other')
                        WHEN journal.type IN ('cash', 'bank') THEN journal.type
                        ELSE 'other' END AS method,
                   booking.store_id, booking.room_id, booking.source,
                   booking.tariff_id,
                   CASE WHEN payment.payment_type = 'inbound' THEN payment.amount
                        ELSE 0 END AS paid,
                   CASE WHEN payment.payment_type = 'inbound' THEN 0
                        ELSE payment.amount END AS refunded,
                   CASE WHEN payment.payment_type = 'inbound' THEN payment.amount
                        ELSE -payment.amount END AS net
              FROM account_payment payment
              JOIN account_journal journal ON journal.id = payment.journal_id
              LEFT JOIN LATERAL (
                    SELECT id, teahouse_method, teahouse_booking_id
                      FROM payment_transaction
                     WHERE payment_id = payment.id ORDER BY id LIMIT 1
                   ) tx ON TRUE
              JOIN teahouse_booking booking ON booking.id
                   = coalesce(payment.teahouse_booking_id, tx.teahouse_booking_id)
             WHERE payment.state IN ('in_process', 'paid')
            """
        )
