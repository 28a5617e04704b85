from odoo import fields, models
from odoo.tools import SQL

INCOME_TYPES = ("income", "income_other")
COST_TYPES = (
    "expense",
    "expense_other",
    "expense_depreciation",
    "expense_direct_cost",
)


class TeahouseLedgerLine(models.Model):
    """Income and expenses as the ledger shows them, by store, room and what was sold.

    One row for each posted entry on an account of income or expense and each store
    that its analytic distribution names; a last row, of no store, takes what the
    distribution leaves over. Entries of stays are parted once more, by the ways in
    which the guest paid, as much to each as it brought; what is not paid stands under
    no method. So the rows of an entry always add up to its balance.
    """

    _name = "teahouse.ledger.line"
    _description = "Income and expenses"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "label"
    _depends = {
        "account.move": ["move_type", "teahouse_booking_id", "teahouse_expense_id"],
        "account.move.line": [
            "account_id",
            "analytic_distribution",
            "balance",
            "company_id",
            "date",
            "move_id",
            "name",
            "parent_state",
            "partner_id",
            "teahouse_charge_line_id",
        ],
        "account.account": ["account_type"],
        "account.payment": [
            "amount",
            "payment_type",
            "state",
            "teahouse_booking_id",
        ],
        "payment.transaction": [
            "payment_id",
            "teahouse_booking_id",
            "teahouse_method",
        ],
        "teahouse.booking": ["amount_total", "source", "tariff_id"],
        "teahouse.charge.line": ["kind"],
        "teahouse.expense": ["category_id"],
        "teahouse.room": ["analytic_account_id", "store_id"],
        "teahouse.store": ["analytic_account_id"],
    }

    date = fields.Date(readonly=True)
    label = fields.Char(string="Entry", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_id = fields.Many2one("account.move", string="Document", readonly=True)
    move_line_id = fields.Many2one("account.move.line", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", readonly=True)
    section = fields.Selection(
        [
            ("income", "Income"),
            ("refund", "Income given back"),
            ("expense", "Expenses"),
        ],
        readonly=True,
    )
    store_id = fields.Many2one("teahouse.store", readonly=True)
    room_id = fields.Many2one("teahouse.room", readonly=True)
    booking_id = fields.Many2one("teahouse.booking", readonly=True)
    charge_kind = fields.Selection(
        selection=lambda self: self._labels("teahouse.charge.line", "kind"),
        string="Charge",
        readonly=True,
    )
    source = fields.Selection(
        selection=lambda self: self._labels("teahouse.booking", "source"),
        string="Channel",
        readonly=True,
    )
    tariff_id = fields.Many2one("teahouse.tariff", readonly=True)
    method = fields.Selection(
        selection=lambda self: self._labels("teahouse.receipt.line", "method"),
        readonly=True,
        help="How guests paid the stay; empty where they have not.",
    )
    expense_category_id = fields.Many2one("teahouse.expense.category", readonly=True)
    income = fields.Monetary(
        readonly=True, help="Without tax, less what was given back."
    )
    expense = fields.Monetary(string="Expenses", readonly=True, help="Without tax.")
    profit = fields.Monetary(readonly=True, help="Income less expenses.")

    def _labels(self, model, field):
        """Return the options of a field elsewhere, in the reader's language."""
        return self.env[model]._fields[field]._description_selection(self.env)

    @property
    def _table_query(self):
        return SQL(
            """
            WITH paid AS (%(paid)s), part AS (%(parts)s)
            SELECT (line.id::bigint * 64 + share.place) * 16
                       + coalesce(part.place, 0) AS id,
                   line.date, line.name AS label, line.company_id, line.move_id,
                   line.id AS move_line_id, line.account_id, line.partner_id,
                   CASE WHEN account.account_type NOT IN %(income)s THEN 'expense'
                        WHEN move.move_type = 'out_refund' THEN 'refund'
                        ELSE 'income' END AS section,
                   share.store_id, share.room_id, booking.id AS booking_id,
                   charge.kind AS charge_kind, booking.source, booking.tariff_id,
                   part.method, cost.category_id AS expense_category_id,
                   CASE WHEN account.account_type IN %(income)s THEN -1 ELSE 0 END
                       * line.balance * share.percent / 100
                       * coalesce(part.part, 1) AS income,
                   CASE WHEN account.account_type IN %(income)s THEN 0 ELSE 1 END
                       * line.balance * share.percent / 100
                       * coalesce(part.part, 1) AS expense,
                   -line.balance * share.percent / 100
                       * coalesce(part.part, 1) AS profit
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN account_account account ON account.id = line.account_id
              LEFT JOIN teahouse_booking booking
                     ON booking.id = move.teahouse_booking_id
              LEFT JOIN teahouse_charge_line charge
                     ON charge.id = line.teahouse_charge_line_id
              LEFT JOIN teahouse_expense cost ON cost.id = move.teahouse_expense_id
              LEFT JOIN part ON part.booking_id = booking.id
             CROSS JOIN LATERAL (%(shares)s) share
             WHERE line.parent_state = 'posted'
               AND account.account_type IN %(types)s
            """,
            income=INCOME_TYPES,
            types=INCOME_TYPES + COST_TYPES,
            shares=self._shares(),
            paid=self._paid(),
            parts=self._parts(),
        )

    def _parts(self):
        """Return how much of a stay each method paid, and the rest that none did."""
        return SQL(
            """
            SELECT paid.booking_id, paid.method, paid.place,
                   paid.net / greatest(paid.total, stay.amount_total) AS part
              FROM paid
              JOIN teahouse_booking stay ON stay.id = paid.booking_id
             WHERE paid.total > 0
             UNION ALL
            SELECT paid.booking_id, NULL, 0, 1 - paid.total / stay.amount_total
              FROM paid
              JOIN teahouse_booking stay ON stay.id = paid.booking_id
             WHERE paid.total > 0 AND paid.total < stay.amount_total
               AND paid.place = 1
            """
        )

    def _paid(self):
        """Return what each method brought for a stay, less what went back."""
        return SQL(
            """
            SELECT booking_id, method, sum(net) AS net,
                   sum(sum(net)) OVER (PARTITION BY booking_id) AS total,
                   row_number() OVER (PARTITION BY booking_id ORDER BY method) AS place
              FROM (%s) receipt
             GROUP BY booking_id, method
            HAVING sum(net) <> 0
            """,
            self.env["teahouse.receipt.line"]._table_query,
        )

    def _shares(self):
        """Return the stores an entry belongs to, and the rest that belongs to none."""
        return SQL(
            """
            WITH named AS (
                SELECT store.id AS store_id, room.id AS room_id,
                       part.percent::numeric AS percent, part.place
                  FROM jsonb_each_text(line.analytic_distribution)
                       WITH ORDINALITY AS part(accounts, percent, place)
                  JOIN teahouse_store store ON store.analytic_account_id
                       = ANY(string_to_array(part.accounts, ',')::int[])
                  LEFT JOIN teahouse_room room ON room.store_id = store.id
                        AND room.analytic_account_id
                        = ANY(string_to_array(part.accounts, ',')::int[])
            )
            SELECT store_id, room_id, percent, place FROM named
             UNION ALL
            SELECT NULL, NULL, 100 - coalesce(sum(percent), 0), 0 FROM named
            HAVING coalesce(sum(percent), 0) <> 100
            """
        )

    def action_open_document(self):
        """Open the invoice, bill or entry behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "res_id": self.move_id.id,
            "view_mode": "form",
        }
