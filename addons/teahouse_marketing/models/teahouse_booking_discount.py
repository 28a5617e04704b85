from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..engine import discounts


class TeahouseBooking(models.Model):
    """Tier, coupons and points off a stay: chosen while it is on hold."""

    _inherit = "teahouse.booking"

    coupon_ids = fields.One2many(
        "loyalty.card", "teahouse_booking_id", string="Coupons", readonly=True
    )
    points_wanted = fields.Integer(
        readonly=True, copy=False, help="Most points that the guest wants to spend."
    )
    points_spent = fields.Integer(
        readonly=True, copy=False, help="Points that are taken for the stay."
    )

    # === COMPUTING === #

    @api.model
    def _offer_charges(self, offer, discount=Decimal(0)):
        """Override of `teahouse_billing` to mark the tier's discount as such."""
        charges = super()._offer_charges(offer, discount)
        for charge in charges:
            if charge["kind"] == "discount":
                charge["discount_kind"] = "tier"
        return charges

    def _stay_pieces(self):
        """Return what the time costs before discounts, as the engine takes it."""
        self.ensure_one()
        lines = self.charge_line_ids.filtered(
            lambda line: line.kind == "base" and line.state == "open"
        )
        return discounts.Stay(
            tuple(
                discounts.Piece(line.minutes, Decimal(repr(line.amount)))
                for line in lines.sorted(lambda line: line.start or self.start)
            ),
            self.currency_id.decimal_places,
        )

    def _discount_lines(self):
        """Override of `teahouse_billing`: tier, then coupons, then points.

        The tier's discount came with the offer, until a coupon or points are chosen:
        then all are computed together.
        """
        self.ensure_one()
        lines = super()._discount_lines()
        rewarded = self.member_id and self.store_id.use_rewards
        if not rewarded or self.kind != "timed":
            return lines
        came_along = self.charge_line_ids.filtered(
            lambda line: line.discount_kind == "tier" and line.state == "open"
        )
        if came_along:
            return lines
        coupons = self.coupon_ids.sorted("id")
        found = discounts.take_off(
            self._stay_pieces(),
            self.member_id._tier_benefit(),
            [card.program_id._engine_coupon(card.id) for card in coupons],
            self.points_wanted,
            self.company_id._points_rule(),
        )
        return [*lines, *self._lines_of(found)]

    def _lines_of(self, found):
        """Return the values of the charge lines of discounts."""
        self.ensure_one()
        cards = self.env["loyalty.card"].sudo()
        rows = [("tier", self.env._("Member price"), found.tier, {})]
        for key, off in found.coupons:
            name = cards.browse(key).program_id.name
            rows.append(
                (
                    "coupon",
                    self.env._("Coupon: %s", name),
                    off,
                    {"loyalty_card_id": key},
                )
            )
        name = self.env._("%s points", found.points)
        rows.append(("points", name, found.points_amount, {"points": found.points}))
        return [
            {
                "name": name,
                "discount_kind": kind,
                "unit_price": -float(off),
                "amount": -float(off),
                "sequence": 50 + number,
                **more,
            }
            for number, (kind, name, off, more) in enumerate(rows)
            if off
        ]

    # === CHOOSING === #

    def _set_discounts(self, cards, points):
        """Choose coupons and points for a stay on hold; what was chosen before goes.

        :param cards: ``loyalty.card`` (sudo) of the member
        :param int points: most to spend
        :raise TeahouseError: invalid_request, invalid_state
        """
        self.ensure_one()
        self._check_coupons(cards)
        (self.coupon_ids - cards)._give_back(self)
        (cards - self.coupon_ids)._reserve(self)
        self.invalidate_recordset(["coupon_ids"])
        self._return_points()
        member = self.member_id
        self.points_wanted = min(points, int(member._points_card().points))
        self.charge_line_ids.filtered(
            lambda line: line.discount_kind == "tier" and line.state == "open"
        ).unlink()
        self.env["teahouse.charge.line"]._refresh_discounts(self)
        self._take_points()

    def _check_coupons(self, cards):
        """Refuse coupons that do not fit the stay, or one another.

        :raise TeahouseError: invalid_request, invalid_state
        """
        self.ensure_one()
        if cards and not self.store_id.use_rewards:
            self._refuse_coupon(self.env._("This store takes no coupons."))
        engine_coupons = [card.program_id._engine_coupon(card.id) for card in cards]
        why = discounts.clash(engine_coupons, self.company_id.teahouse_coupons_a_stay)
        if why == "too_many":
            self._refuse_coupon(self.env._("Too many coupons for one stay."))
        if why == "alone":
            self._refuse_coupon(self.env._("These coupons are not used together."))
        stay = self._stay_pieces()
        for card, coupon in zip(cards, engine_coupons, strict=True):
            mine = card in self.coupon_ids
            if card.teahouse_state != "available" and not mine:
                raise TeahouseError(
                    "invalid_state", self.env._("The coupon is used already.")
                )
            if card._is_past(self.store_id):
                self._refuse_coupon(self.env._("The coupon has expired."))
            refusal = card.program_id._coupon_refusal(
                self.member_id, self.room_id, self.start
            )
            if refusal:
                self._refuse_coupon(refusal)
            if not discounts.applies(coupon, stay):
                self._refuse_coupon(
                    self.env._("The stay is too short or too cheap for this coupon.")
                )

    def _refuse_coupon(self, message):
        self._refuse_field("coupon_ids", message)

    def _take_points(self):
        """Take the points of the discount off the member's card."""
        self.ensure_one()
        lines = self.charge_line_ids.filtered(
            lambda line: line.discount_kind == "points" and line.state == "open"
        )
        wanted = sum(lines.mapped("points")) - self.points_spent
        if wanted <= 0:
            return
        card = self.member_id._points_card(create=True)
        moved = -card._teahouse_move(-wanted, self.display_name, self, "spent")
        if moved != wanted:
            raise TeahouseError("invalid_state", self.env._("Not enough points."))
        self.points_spent += wanted

    def _return_points(self, keep=0):
        """Give points back that were taken for the stay.

        :param int keep: so many stay spent
        """
        self.ensure_one()
        back = self.points_spent - keep
        if back > 0:
            card = self.member_id._points_card(create=True)
            card._teahouse_move(back, self.display_name, self, "returned")
            self.points_spent = keep

    def _return_discounts(self):
        """Give coupons and points of the stays back."""
        for booking in self.sudo():
            booking.coupon_ids._give_back(booking)
            booking._return_points()
            booking.invalidate_recordset(["coupon_ids"])

    # === API === #

    def _api_set_discounts(self, ref, body):
        """Choose coupons and points for the current member's stay on hold.

        :param body: coupon_ids, points
        :raise TeahouseError: not_found, invalid_state, invalid_request
        """
        booking_sudo = self._api_own(ref)
        booking_sudo.transaction_ids._withdraw()
        booking_sudo._lock_money()
        booking_sudo._close_attempts(refresh=True)
        lapsed = booking_sudo.hold_expires_at <= fields.Datetime.now()
        if booking_sudo.state != "hold" or lapsed or booking_sudo.kind != "timed":
            raise TeahouseError(
                "invalid_state", self.env._("Discounts are chosen before paying.")
            )
        cards_sudo = self.env["loyalty.card"]._api_own_coupons(body.coupon_ids)
        booking_sudo._set_discounts(cards_sudo, body.points)
        booking_sudo._try_confirm()
        return booking_sudo._api_values()

    @api.model
    def _api_create(self, body):
        """Override of `teahouse_booking`: discounts may be chosen at once."""
        chosen = (body.coupon_ids, body.points)
        return super(
            TeahouseBooking, self.with_context(teahouse_discounts=chosen)
        )._api_create(body)

    def _on_held(self):
        """Override of `teahouse_billing`: what was chosen at once comes off."""
        result = super()._on_held()
        coupon_ids, points = self.env.context.get("teahouse_discounts") or ([], 0)
        if coupon_ids or points:
            cards = self.env["loyalty.card"]
            for booking in self.filtered(lambda one: one.kind == "timed"):
                chosen = cards._api_own_coupons(coupon_ids)
                booking._set_discounts(chosen, points)
        return result

    def _api_values(self):
        """Override of `teahouse_billing` to add what was chosen."""
        self.ensure_one()
        return {
            **super()._api_values(),
            "coupon_ids": self.sudo().coupon_ids.ids,
            "points": self.points_spent,
        }
