from decimal import Decimal

from odoo import fields, models
from odoo.exceptions import UserError

from ..engine.wallet import forfeited_bonus


class TeahousePurchase(models.Model):
    """What happens to a purchase once money has moved, in or out."""

    _inherit = "teahouse.purchase"

    # === MONEY MOVED === #

    def _on_money_moved(self, tx):
        """Give what was bought once its payment is in the books, once."""
        self.ensure_one()
        if tx.operation == "refund":
            self._reconcile()
            return
        # The row is written first: of two reports the second is replayed.
        self.flush_recordset()
        self.env.cr.execute(
            "UPDATE teahouse_purchase SET state = 'paid', paid_at = %s"
            " WHERE id = %s AND state IN ('draft', 'expired') RETURNING id",
            (fields.Datetime.now(), self.id),
            log_exceptions=False,
        )
        moved = self.env.cr.fetchall()
        self.invalidate_recordset()
        if moved:
            getattr(self, f"_deliver_{self.kind}")()
            self._reconcile()

    def _deliver_top_up(self):
        wallet = self.env["teahouse.wallet"]._open(
            self.member_id, self.company_id, self.store_id
        )
        wallet._move(
            "top_up",
            Decimal(repr(self.amount)),
            Decimal(repr(self.bonus)),
            purchase_id=self.id,
        )
        self._post_debt(self.amount)
        self._tell("balance_topped_up")

    def _deliver_card(self):
        self.env["teahouse.card"]._open(self)
        self._post_debt(self.amount)
        self._tell("card_bought")

    def _deliver_tier(self):
        self.member_id._buy_tier(self.tier_id)
        self._post_income()

    def _tell(self, template):
        self.env["teahouse.notification"].sudo()._notify(
            self.member_id,
            template,
            {
                "amount": self.currency_id.format(self.amount),
                "bonus": self.currency_id.format(self.bonus),
                "name": self.product_id.name or "",
            },
            f"purchase:{self.id}",
        )

    def _partner(self):
        return self.member_id.sudo().partner_id.commercial_partner_id

    def _post_debt(self, amount):
        """Book what was paid in as owed to the member; negative when paid out."""
        self.ensure_one()
        partner = self._partner()
        receivable = partner.with_company(
            self.company_id
        ).property_account_receivable_id
        self.company_id._post_entry(
            [
                (receivable, partner, amount),
                (self.company_id.teahouse_balance_account_id, partner, -amount),
            ],
            ref=self.ref,
            teahouse_purchase_id=self.id,
        )

    def _post_income(self):
        """Invoice a tier: it is earned when it is sold."""
        company = self.company_id
        company._teahouse_setup_accounting()
        moves = self.env["account.move"].sudo().with_company(company)
        move = moves.create(
            {
                "move_type": "out_invoice",
                "partner_id": self._partner().id,
                "company_id": company.id,
                "currency_id": self.currency_id.id,
                "invoice_date": fields.Date.context_today(self),
                "ref": self.ref,
                "invoice_payment_term_id": False,
                "teahouse_purchase_id": self.id,
                "invoice_line_ids": [
                    fields.Command.create(
                        {
                            "name": self.tier_id.name,
                            "quantity": 1,
                            "price_unit": self.amount,
                            "tax_ids": company._teahouse_tax().ids,
                        }
                    )
                ],
            }
        )
        move.action_post()

    def _reconcile(self):
        """Match payment and entries on the member's account."""
        moves = self.move_ids | self.transaction_ids.payment_id.move_id
        lines = moves.filtered(lambda move: move.state == "posted").line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        )
        for same in lines.grouped("account_id").values():
            if len({line.balance > 0 for line in same}) == 2:
                same.reconcile()

    # === PAYING OUT === #

    def _pay_out(self, amount=None):
        """Pay real money of a top-up back the way it came; its bonus lapses with it.

        :param amount: all that is left of it by default
        :return: the refund (sudo)
        :raise UserError: more than is there
        """
        self.ensure_one()
        self.env["teahouse.wallet"].flush_model()
        wallet = self.env["teahouse.wallet"]._open(
            self.member_id, self.company_id, self.store_id
        )
        payment = self.transaction_ids.filtered(
            lambda tx: tx.operation != "refund" and tx.state == "done"
        )[:1]
        most = min(wallet.real, payment._refundable() if payment else 0.0)
        amount = most if amount is None else amount
        wrong = self.kind != "top_up" or self.state not in ("paid", "refunded")
        if wrong or amount <= 0 or self.currency_id.compare_amounts(amount, most) > 0:
            raise UserError(
                self.env._(
                    "At most %s can be paid out here.", self.currency_id.format(most)
                )
            )
        if payment.provider_id.support_refund == "none":
            raise UserError(self.env._("This provider cannot send money back."))
        back = Decimal(repr(self.currency_id.round(amount)))
        lapsed = forfeited_bonus(
            back, Decimal(repr(wallet.real)), Decimal(repr(wallet.bonus))
        )
        wallet._move("payout", -back, -lapsed, purchase_id=self.id)
        self.amount_refunded += float(back)
        if self.currency_id.compare_amounts(self.amount_refunded, self.amount) >= 0:
            self.state = "refunded"
        self._post_debt(-float(back))
        refund = payment._refund_back(float(back), self.env._("Balance paid out"))
        self._reconcile()
        self.env["teahouse.audit"]._log("balance.payout", self, {"amount": float(back)})
        return refund

    def action_pay_out(self):
        """Pay out what is left of the top-ups (accountants and the owner)."""
        self.check_access("read")
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_accountant"):
            raise UserError(self.env._("Accountants pay balances out."))
        for purchase in self.sudo():
            purchase._pay_out()
