from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.teahouse_base.api import (
    decode_cursor,
    encode_cursor,
    iso,
    money_str,
    page,
)
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.locks import enter

from ..engine.wallet import split_spend

#: First key of the advisory locks on members' money; the member's id is the second.
PURSE_LOCK = 0x7EB


class TeahouseWallet(models.Model):
    """A member's balance with a company, or with one store of it.

    What is in it changes by entries only; the database keeps both parts from falling
    below zero.
    """

    _name = "teahouse.wallet"
    _description = "Balance of a member"
    _order = "id"
    _rec_name = "member_id"

    member_id = fields.Many2one(
        "teahouse.member", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    store_id = fields.Many2one(
        "teahouse.store",
        readonly=True,
        ondelete="restrict",
        help="Set where a balance is good for one store only.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    real = fields.Monetary(string="Paid in", readonly=True, default=0.0)
    bonus = fields.Monetary(readonly=True, default=0.0)
    total = fields.Monetary(compute="_compute_total")
    entry_ids = fields.One2many("teahouse.wallet.entry", "wallet_id")

    _one_each = models.UniqueIndex(
        "(member_id, company_id, COALESCE(store_id, 0))", "A member has one balance."
    )
    _never_negative = models.Constraint(
        "CHECK(real >= 0 AND bonus >= 0)", "A balance never falls below zero."
    )

    @api.depends("real", "bonus")
    def _compute_total(self):
        for wallet in self:
            wallet.total = wallet.real + wallet.bonus

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Balances are kept."))

    # === THE LEDGER === #

    @api.model
    def _open(self, member, company, store=None):
        """Return the wallet (sudo) that a top-up goes to; made when there is none."""
        company_sudo = company.sudo()
        store = store if company_sudo.teahouse_balance_scope == "store" else None
        wallets_sudo = self.sudo()
        domain = [
            ("member_id", "=", member.id),
            ("company_id", "=", company.id),
            ("store_id", "=", store.id if store else False),
        ]
        found = wallets_sudo.search(domain, limit=1)
        if not found:
            member._lock_membership()
            found = wallets_sudo.create(
                {
                    "member_id": member.id,
                    "company_id": company.id,
                    "store_id": store.id if store else False,
                }
            )
        return found

    def _move(self, kind, real, bonus, **values):
        """Change the wallet, with the entry that says why.

        The row is written first: of two at once the second fails to serialise and is
        replayed, and the check of the database has the last word.

        :param Decimal real: negative takes
        :param Decimal bonus: negative takes
        :return: the entry (sudo)
        :raise TeahouseError: payment_failed, not enough
        """
        self.ensure_one()
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE teahouse_wallet SET real = real + %(real)s,
                          bonus = bonus + %(bonus)s
                    WHERE id = %(id)s AND real + %(real)s >= 0
                      AND bonus + %(bonus)s >= 0
                RETURNING real, bonus""",
                real=real,
                bonus=bonus,
                id=self.id,
            ),
            log_exceptions=False,
        )
        rows = self.env.cr.fetchall()
        self.invalidate_recordset()
        if not rows:
            raise self._not_enough()
        return (
            self.env["teahouse.wallet.entry"]
            .sudo()
            .create(
                {
                    "wallet_id": self.id,
                    "kind": kind,
                    "real": float(real),
                    "bonus": float(bonus),
                    "real_after": float(rows[0][0]),
                    "bonus_after": float(rows[0][1]),
                    **values,
                }
            )
        )

    def _not_enough(self):
        return TeahouseError(
            "payment_failed", self.env._("There is not enough on the balance.")
        )

    # === SPENDING === #

    @api.model
    def _enter(self, member):
        """Let one transaction at a time spend a member's money, and see what is left.

        Nothing may have been written in it.
        """
        enter(self.env, PURSE_LOCK, member.id)

    @api.model
    def _usable_for(self, booking):
        """Return the wallets (sudo) that may pay for a booking, in their order.

        The store's own first, then the company's, then those of other companies of
        the chain, where these share balances. None where the store takes no balance.
        """
        if not booking.store_id.use_prepaid:
            return self.sudo().browse()
        wallets = self.sudo().search(
            [
                ("member_id", "=", booking.member_id.id),
                ("member_id", "!=", False),
                ("store_id", "in", [False, booking.store_id.id]),
                "|",
                ("real", ">", 0),
                ("bonus", ">", 0),
            ]
        )
        company = booking.company_id.sudo()
        shared = company.teahouse_balance_scope == "chain"

        def usable(wallet):
            if wallet.company_id == company:
                return True
            return (
                shared
                and not wallet.store_id
                and wallet.currency_id == company.currency_id
                and wallet.company_id.teahouse_balance_scope == "chain"
            )

        return wallets.filtered(usable).sorted(
            lambda w: (not w.store_id, w.company_id != company, w.id)
        )

    @api.model
    def _spend(self, tx):
        """Take the amount of a payment off the payer's wallets.

        :raise TeahouseError: payment_failed, not enough
        """
        left = Decimal(repr(tx.amount))
        booking = tx.teahouse_booking_id
        for wallet in self._usable_for(booking):
            real, bonus = Decimal(repr(wallet.real)), Decimal(repr(wallet.bonus))
            part = min(left, real + bonus)
            if part <= 0:
                continue
            from_real, from_bonus = split_spend(
                part,
                real,
                bonus,
                wallet.company_id.teahouse_balance_order,
                wallet.currency_id.decimal_places,
            )
            wallet._move(
                "spend",
                -from_real,
                -from_bonus,
                transaction_id=tx.id,
                booking_id=booking.id,
            )
            left -= part
            if not left:
                return
        if left:
            raise self._not_enough()

    # === API === #

    @api.model
    def _api_balance(self):
        """Return what the current member has."""
        member = self.env["teahouse.member"]._current()
        wallets = self.sudo().search([("member_id", "=", member.id)])
        currency = wallets[:1].currency_id or self.env.company.currency_id
        same = wallets.filtered(lambda wallet: wallet.currency_id == currency)
        return {
            "currency": currency.name,
            "total": money_str(sum(same.mapped("total")), currency),
            "real": money_str(sum(same.mapped("real")), currency),
            "bonus": money_str(sum(same.mapped("bonus")), currency),
            "wallets": [
                {
                    "id": wallet.id,
                    "store": wallet.store_id.name or None,
                    "store_id": wallet.store_id.id or None,
                    "currency": wallet.currency_id.name,
                    "real": money_str(wallet.real, wallet.currency_id),
                    "bonus": money_str(wallet.bonus, wallet.currency_id),
                }
                for wallet in wallets
            ],
        }

    @api.model
    def _api_entries(self, query):
        """Return a page of the current member's statement, the newest first."""
        member = self.env["teahouse.member"]._current()
        domain = [("wallet_id.member_id", "=", member.id)]
        if after := decode_cursor(self.env, query.cursor, int):
            domain.append(("id", "<", after[0]))
        entries_sudo = self.env["teahouse.wallet.entry"].sudo()
        found = entries_sudo.search(domain, limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = encode_cursor(shown[-1].id) if len(found) > query.limit else None
        zone = member._zone()
        items = [
            {
                "id": entry.id,
                "kind": entry.kind,
                "real": money_str(entry.real, entry.currency_id),
                "bonus": money_str(entry.bonus, entry.currency_id),
                "total_after": money_str(
                    entry.real_after + entry.bonus_after, entry.currency_id
                ),
                "booking": entry.booking_id.ref or None,
                "note": entry.note or None,
                "at": iso(entry.create_date, zone),
            }
            for entry in shown
        ]
        return page(items, cursor)


class TeahouseWalletEntry(models.Model):
    """A change of a balance; never changed itself."""

    _name = "teahouse.wallet.entry"
    _description = "Entry of a balance"
    _order = "id desc"

    wallet_id = fields.Many2one(
        "teahouse.wallet", required=True, readonly=True, ondelete="restrict", index=True
    )
    member_id = fields.Many2one(
        related="wallet_id.member_id", store=True, index=True, string="Member"
    )
    company_id = fields.Many2one(related="wallet_id.company_id", store=True)
    currency_id = fields.Many2one(related="wallet_id.currency_id")
    kind = fields.Selection(
        [
            ("top_up", "Top-up"),
            ("spend", "Spent"),
            ("refund", "Given back"),
            ("payout", "Paid out"),
            ("merge", "Memberships merged"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    real = fields.Monetary(string="Paid in", readonly=True)
    bonus = fields.Monetary(readonly=True)
    real_after = fields.Monetary(string="Paid in after", readonly=True, aggregator=None)
    bonus_after = fields.Monetary(readonly=True, aggregator=None)
    transaction_id = fields.Many2one(
        "payment.transaction", readonly=True, index="btree_not_null"
    )
    booking_id = fields.Many2one(
        "teahouse.booking", readonly=True, index="btree_not_null"
    )
    purchase_id = fields.Many2one(
        "teahouse.purchase", readonly=True, index="btree_not_null"
    )
    source_entry_id = fields.Many2one(
        "teahouse.wallet.entry",
        readonly=True,
        index="btree_not_null",
        help="The spending that is given back.",
    )
    refund_entry_ids = fields.One2many("teahouse.wallet.entry", "source_entry_id")
    note = fields.Char(readonly=True)

    def write(self, vals):
        """An entry is as it was written; only what it is derived from may be stored."""
        if vals.keys() - {"member_id", "company_id"}:
            raise UserError(self.env._("Entries of a balance are not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Entries of a balance are not deleted."))

    def _left(self):
        """Return the real and the bonus part of a spending that did not go back.

        :rtype: tuple(Decimal, Decimal)
        """
        self.ensure_one()
        refunds = self.refund_entry_ids
        return tuple(
            -sum(
                (Decimal(repr(value)) for value in [self[part], *refunds.mapped(part)]),
                Decimal(0),
            )
            for part in ("real", "bonus")
        )
