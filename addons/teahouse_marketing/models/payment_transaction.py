from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.teahouse_base.api import money_str

from ..const import BALANCE
from ..engine.wallet import split_refund


class PaymentTransaction(models.Model):
    """Payments by balance, and payments for what members buy."""

    _inherit = "payment.transaction"

    teahouse_purchase_id = fields.Many2one(
        "teahouse.purchase",
        string="Purchase",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    teahouse_card_id = fields.Many2one(
        "teahouse.card", string="Card", readonly=True, index="btree_not_null"
    )
    teahouse_entry_ids = fields.One2many("teahouse.wallet.entry", "transaction_id")
    teahouse_move_ids = fields.One2many(
        "account.move", "teahouse_transaction_id", string="Entries of the balance"
    )

    # === BALANCE === #

    def _start(self, scene=None, payer=None):
        """Override of `teahouse_billing`: a balance pays at once; purchases have no
        booking to ask for a deadline."""
        self.ensure_one()
        if self.provider_code == BALANCE:
            if self.teahouse_card_id:
                self.teahouse_card_id._spend(self)
            else:
                self.env["teahouse.wallet"]._spend(self)
            self._set_done()
            return {}
        if self.teahouse_purchase_id and not self._is_instant():
            tx = self.with_context(
                payment_scene=scene,
                payment_payer=payer or {},
                payment_expires_at=self.teahouse_purchase_id.expires_at,
            )
            values = {
                "provider_id": tx.provider_id.id,
                "provider_code": tx.provider_code,
                "reference": tx.reference,
                "amount": tx.amount,
                "currency_id": tx.currency_id.id,
                "partner_id": tx.partner_id.id,
            }
            values = tx._get_specific_processing_values(values)
            return values.get("pay_params", values)
        return super()._start(scene, payer)

    def _is_local(self):
        """Override of `teahouse_billing`: a balance lives in this database."""
        return super()._is_local() or self.provider_code == BALANCE

    def _send_refund_request(self):
        """Override of `payment`: put a refund back on the balance it came from."""
        self.ensure_one()
        if self.provider_code != BALANCE:
            return super()._send_refund_request()
        if self.teahouse_card_id or self.source_transaction_id.teahouse_card_id:
            card = self.source_transaction_id.teahouse_card_id
            self.teahouse_card_id = card
            card._give_back(self)
        else:
            self._refund_to_wallets()
        self._set_done()
        return None

    def _refund_to_wallets(self):
        """Give a spending back, the part spent last first."""
        self.ensure_one()
        left = Decimal(repr(-self.amount))
        spent = self.source_transaction_id.teahouse_entry_ids
        for entry in spent.filtered(lambda one: one.kind == "spend").sorted(
            "id", reverse=True
        ):
            real, bonus = entry._left()
            part = min(left, real + bonus)
            if part <= 0:
                continue
            wallet = entry.wallet_id
            back = split_refund(
                part,
                real,
                bonus,
                wallet.company_id.teahouse_balance_order,
                self.currency_id.decimal_places,
            )
            wallet._move(
                "refund",
                *back,
                transaction_id=self.id,
                booking_id=self.teahouse_booking_id.id,
                source_entry_id=entry.id,
            )
            left -= part

    # === PURCHASES === #

    @api.model
    def _owner_fields(self):
        """Override of `teahouse_billing`: purchases are paid, too."""
        return [*super()._owner_fields(), "teahouse_purchase_id"]

    def _post_process(self):
        """Override of `teahouse_billing`: bring the balance into the books."""
        result = super()._post_process()
        for tx in self.filtered(lambda one: one.state == "done"):
            if tx.teahouse_purchase_id:
                tx.teahouse_purchase_id._on_money_moved(tx)
            if tx.provider_code == BALANCE and not tx.teahouse_move_ids:
                tx.company_id._post_balance(tx)
        return result

    # === API === #

    @api.model
    def _api_find(self, reference):
        """Override of `teahouse_billing` to find payments of purchases."""
        tx_sudo = self.sudo().search([("reference", "=", reference)], limit=1)
        purchase = tx_sudo.teahouse_purchase_id
        member = self.env["teahouse.member"]._current()
        if purchase and member and purchase.member_id == member:
            return tx_sudo
        return super()._api_find(reference)

    def _api_values(self):
        """Override of `teahouse_billing` to show payments of purchases."""
        self.ensure_one()
        if not self.teahouse_purchase_id:
            return {**super()._api_values(), "purchase": None}
        return {
            "reference": self.reference,
            "booking": None,
            "purchase": self.teahouse_purchase_id.ref,
            "method": self.teahouse_method,
            "state": self._api_state(),
            "currency": self.currency_id.name,
            "amount": money_str(self.amount, self.currency_id),
        }
