from datetime import timedelta
from decimal import ROUND_DOWN, Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_billing.models.teahouse_tariff import clock_minutes

from ..const import BALANCE

CENT = Decimal("0.01")


class TeahouseCardProduct(models.Model):
    """Hours, or a number of stays, that are sold in advance."""

    _name = "teahouse.card.product"
    _description = "Hour or count card for sale"
    _inherit = ["teahouse.days.mixin"]
    _order = "sequence, price, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("hours", "Hours"), ("count", "Stays")], required=True, default="hours"
    )
    units = fields.Integer(
        string="Minutes or stays", required=True, default=600, help="On a new card."
    )
    stay_minutes = fields.Integer(
        string="Minutes a stay", default=120, help="That a stay of a count card covers."
    )
    price = fields.Monetary(required=True)
    valid_days = fields.Integer(default=180, required=True)
    store_ids = fields.Many2many(
        "teahouse.store", string="Stores", check_company=True, help="Empty: all stores."
    )
    room_type_ids = fields.Many2many("teahouse.room.type", string="Room types")
    hour_from = fields.Float(help="The stay begins at this clock time or later.")
    hour_to = fields.Float(default=24.0, help="The stay begins before this.")
    sold_count = fields.Integer(compute="_compute_sold_count")

    _values = models.Constraint(
        """CHECK(units > 0 AND stay_minutes > 0 AND price > 0 AND valid_days > 0
                 AND hour_from >= 0 AND hour_from < 24
                 AND hour_to > 0 AND hour_to <= 24)""",
        "A card has units, a price and a validity.",
    )

    def _compute_sold_count(self):
        counts = dict(
            self.env["teahouse.card"]._read_group(
                [("product_id", "in", self.ids)], ["product_id"], ["__count"]
            )
        )
        for product in self:
            product.sold_count = counts.get(product, 0)

    def _fits(self, booking):
        """Tell whether cards of the product are good for a stay."""
        self.ensure_one()
        if self.store_ids and booking.store_id not in self.store_ids:
            return False
        if (
            self.room_type_ids
            and booking.room_id.room_type_id not in self.room_type_ids
        ):
            return False
        local = booking.store_id._local(booking.start)
        day, minute = local.date(), local.hour * 60 + local.minute
        first, last = clock_minutes(self.hour_from), clock_minutes(self.hour_to)
        inside = (
            first <= minute < last if first < last else minute >= first or minute < last
        )
        catalog = self.env["teahouse.tariff"]._catalog(booking.company_id)
        kind = catalog.calendar(day)
        return inside and self._engine_days().match(day.weekday(), kind, day)

    @api.model
    def _api_list(self):
        """Return the cards for sale."""
        found = self.sudo().search([])
        return {"items": [product._api_values() for product in found]}

    def _api_values(self):
        self.ensure_one()
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "units": self.units,
            "stay_minutes": self.stay_minutes if self.kind == "count" else None,
            "currency": self.currency_id.name,
            "price": money_str(self.price, self.currency_id),
            "valid_days": self.valid_days,
            "store_ids": self.store_ids.ids,
            "days": self.days_label or "",
        }


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


class TeahouseCardEntry(models.Model):
    """A use of a card; never changed itself."""

    _name = "teahouse.card.entry"
    _description = "Entry of a card"
    _order = "id desc"

    card_id = fields.Many2one(
        "teahouse.card", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="card_id.company_id", store=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    kind = fields.Selection(
        [("bought", "Bought"), ("spent", "Spent"), ("returned", "Given back")],
        required=True,
        readonly=True,
    )
    units = fields.Integer(readonly=True)
    value = fields.Monetary(string="Of its price", readonly=True)
    left_after = fields.Integer(readonly=True, aggregator=None)
    transaction_id = fields.Many2one("payment.transaction", readonly=True)
    booking_id = fields.Many2one("teahouse.booking", readonly=True)

    def write(self, vals):
        """An entry is as it was written."""
        if vals.keys() - {"company_id"}:
            raise UserError(self.env._("Entries of a card are not changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Entries of a card are not deleted."))


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _api_payment_methods(self):
        """Override of `teahouse_billing`: a balance pays as well."""
        return {**super()._api_payment_methods(), "balance": BALANCE}

    @api.model
    def _api_admit_payment(self, body):
        """Override of `teahouse_billing`: parallel payments by one balance wait for
        one another instead of failing."""
        super()._api_admit_payment(body)
        member = self.env["teahouse.member"]._current()
        if body.method == "balance" and member:
            self.env["teahouse.wallet"]._enter(member)

    def _due_cover_methods(self):
        """Override of `teahouse_billing`: what is due after the stay comes out of the
        balance, where the company says so."""
        methods = super()._due_cover_methods()
        company = self.company_id.sudo()
        if not company.teahouse_balance_covers_due or not self.member_id:
            return methods
        wallets = self.env["teahouse.wallet"]._usable_for(self)
        there = sum(wallets.mapped("total"))
        ready = company.teahouse_balance_journal_id
        return [*methods, ("balance", there)] if there > 0 and ready else methods

    def _open_methods(self):
        """Override of `teahouse_billing`: a balance is offered where it is enough."""
        methods = super()._open_methods()
        if "balance" not in methods:
            return methods
        there = sum(self.env["teahouse.wallet"]._usable_for(self).mapped("total"))
        if self.currency_id.compare_amounts(there, self.amount_due) >= 0:
            return methods
        return [method for method in methods if method != "balance"]
