from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.teahouse_base.exceptions import TeahouseError

CENT = Decimal("0.01")


class TeahouseCard(models.Model):
    """A member's hour or count card: what is left of it pays for stays.

    Its price is owed to the member until it is used. What a stay costs beyond that
    share of the price is a discount that the company gave, like the bonus of a
    balance.
    """

    _name = "teahouse.card"
    _description = "Hour or count card"
    _order = "valid_until, id"
    _rec_name = "product_id"

    product_id = fields.Many2one(
        "teahouse.card.product", required=True, readonly=True, ondelete="restrict"
    )
    kind = fields.Selection(related="product_id.kind")
    purchase_id = fields.Many2one("teahouse.purchase", readonly=True, index=True)
    member_id = fields.Many2one(
        "teahouse.member", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    units = fields.Integer(string="Bought", readonly=True)
    left = fields.Integer(readonly=True, help="Minutes, or stays.")
    price = fields.Monetary(readonly=True)
    value_left = fields.Monetary(
        string="Still owed", readonly=True, help="Of its price, for what is left."
    )
    valid_from = fields.Date(readonly=True)
    valid_until = fields.Date(readonly=True, index=True)
    entry_ids = fields.One2many("teahouse.card.entry", "card_id")
    state = fields.Selection(
        [("open", "Good"), ("empty", "Used up"), ("expired", "Expired")],
        compute="_compute_state",
        search="_search_state",
    )

    _never_negative = models.Constraint(
        'CHECK("left" >= 0 AND value_left >= 0)', "A card never falls below zero."
    )

    @api.depends("left", "valid_until")
    def _compute_state(self):
        today = fields.Date.context_today(self)
        for card in self:
            if card.left <= 0:
                card.state = "empty"
            elif card.valid_until < today:
                card.state = "expired"
            else:
                card.state = "open"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = fields.Date.context_today(self)
        domains = {
            "open": [("left", ">", 0), ("valid_until", ">=", today)],
            "empty": [("left", "<=", 0)],
            "expired": [("left", ">", 0), ("valid_until", "<", today)],
        }
        return fields.Domain.OR(domains[one] for one in value if one in domains)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Cards are kept."))

    @api.model
    def _open(self, purchase):
        """Make the card (sudo) that was bought."""
        product = purchase.product_id
        today = fields.Date.context_today(self)
        card_sudo = self.sudo().create(
            {
                "product_id": product.id,
                "purchase_id": purchase.id,
                "member_id": purchase.member_id.id,
                "company_id": purchase.company_id.id,
                "units": product.units,
                "left": product.units,
                "price": purchase.amount,
                "value_left": purchase.amount,
                "valid_from": today,
                "valid_until": today + timedelta(days=product.valid_days),
            }
        )
        card_sudo._note("bought", product.units, purchase.amount)
        return card_sudo

    def _note(self, kind, units, value, **values):
        return (
            self.env["teahouse.card.entry"]
            .sudo()
            .create(
                {
                    "card_id": self.id,
                    "kind": kind,
                    "units": units,
                    "value": value,
                    "left_after": self.left,
                    **values,
                }
            )
        )

    def _change(self, units, value):
        """Change what is left; of two at once the second is replayed.

        :raise TeahouseError: payment_failed, not enough
        """
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE teahouse_card
                      SET "left" = "left" + %(units)s,
                          value_left = value_left + %(value)s
                    WHERE id = %(id)s AND "left" + %(units)s >= 0
                      AND value_left + %(value)s >= 0
                RETURNING id""",
                units=units,
                value=value,
                id=self.id,
            ),
            log_exceptions=False,
        )
        moved = self.env.cr.fetchall()
        self.invalidate_recordset()
        if not moved:
            raise TeahouseError(
                "payment_failed", self.env._("There is not enough on the card.")
            )

    # === PAYING === #

    def _cover(self, booking):
        """Return what the card pays of a stay: units, and the amount.

        :rtype: tuple(int, Decimal)
        """
        self.ensure_one()
        stay = booking._stay_pieces()
        due = Decimal(repr(booking.amount_due))
        if not stay.minutes or due <= 0 or not self.product_id._fits(booking):
            return 0, Decimal(0)
        if self.kind == "count":
            units, minutes = min(1, self.left), self.product_id.stay_minutes
        else:
            units = min(self.left, stay.minutes)
            minutes = units
        minutes = min(minutes, stay.minutes) if units else 0
        amount = (due * minutes / stay.minutes).quantize(CENT, ROUND_DOWN)
        if minutes == stay.minutes:
            amount = due
        return units, amount

    def _share(self, units):
        """Return the part of the price that units stand for, the rest at the end."""
        if units >= self.left:
            return Decimal(repr(self.value_left))
        share = Decimal(repr(self.price)) * units / self.units
        return min(share.quantize(CENT, ROUND_DOWN), Decimal(repr(self.value_left)))

    def _api_pay(self, ref, body):
        """Pay a stay of the current member with a card, as far as it goes.

        :param body: card_id
        :raise TeahouseError: not_found, invalid_state
        """
        booking = self.env["teahouse.booking"]._api_own(ref)
        card = self.sudo().search(
            [("id", "=", body.card_id), ("member_id", "=", booking.member_id.id)]
        )
        if not card:
            raise TeahouseError("not_found", self.env._("There is no such card."))
        booking.transaction_ids._withdraw()
        booking._lock_money()
        booking._close_attempts(refresh=True)
        booking._check_payable()
        units, amount = card._cover(booking) if card.state == "open" else (0, 0)
        if amount <= 0 or card.company_id != booking.company_id:
            raise TeahouseError(
                "invalid_state", self.env._("The card is not good for this stay.")
            )
        provider = booking._provider("balance")
        tx = booking._create_transaction(
            provider, "card", amount=float(amount), teahouse_card_id=card.id
        )
        tx.with_context(teahouse_card_units=units)._start()
        tx._post_process()
        return booking._api_values()

    def _spend(self, tx):
        """Take what a payment stands for off the card."""
        self.ensure_one()
        units = self.env.context["teahouse_card_units"]
        value = self._share(units)
        self._change(-units, -value)
        self._note(
            "spent",
            -units,
            -float(value),
            transaction_id=tx.id,
            booking_id=tx.teahouse_booking_id.id,
        )

    def _give_back(self, refund):
        """Put a refund back: whole units of what the payment took."""
        self.ensure_one()
        source = refund.source_transaction_id
        spent = self.entry_ids.filtered(lambda one: one.transaction_id == source)
        before = self.entry_ids.filtered(
            lambda one: one.transaction_id in source.child_transaction_ids
        )
        units = -sum(spent.mapped("units")) - sum(before.mapped("units"))
        value = -sum(spent.mapped("value")) - sum(before.mapped("value"))
        if self.currency_id.compare_amounts(-refund.amount, source.amount) < 0:
            share = -refund.amount / source.amount
            units = min(units, int(-sum(spent.mapped("units")) * share))
            part = self.currency_id.round(-sum(spent.mapped("value")) * share)
            value = min(value, part)
        self._change(units, Decimal(repr(self.currency_id.round(value))))
        self._note(
            "returned",
            units,
            value,
            transaction_id=refund.id,
            booking_id=refund.teahouse_booking_id.id,
        )

    def _sums_of_payment(self, tx):
        """Return {company: (share of the price, discount)} of a payment or refund."""
        entries = self.entry_ids.filtered(lambda one: one.transaction_id == tx)
        real = -sum(entries.mapped("value"))
        return {self.company_id: (real, tx.amount - real)}

    # === API === #

    @api.model
    def _api_mine(self):
        """Return the current member's cards."""
        member = self.env["teahouse.member"]._current()
        found = self.sudo().search([("member_id", "=", member.id)])
        return {
            "items": [
                {
                    "id": card.id,
                    "name": card.product_id.name,
                    "kind": card.kind,
                    "units": card.units,
                    "left": card.left,
                    "state": card.state,
                    "valid_from": card.valid_from.isoformat(),
                    "valid_until": card.valid_until.isoformat(),
                    "days": card.product_id.days_label or "",
                    "store_ids": card.product_id.store_ids.ids,
                }
                for card in found
            ]
        }
