from datetime import UTC, timedelta
from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_aware, to_utc_naive
from odoo.addons.teahouse_booking.const import BLOCKING_STATES

from .. import engine

#: "Now" of a metered stay may lie this far from the clock of the server.
NOW_MINUTES = 15


class TeahouseBooking(models.Model):
    """What a stay costs, by the tariffs in force when it was booked."""

    _inherit = "teahouse.booking"

    tariff_id = fields.Many2one(
        "teahouse.tariff", readonly=True, copy=False, ondelete="set null", index=True
    )
    offer_snapshot = fields.Json(
        readonly=True, copy=False, help="The offer that was bought."
    )
    tariff_snapshot = fields.Json(
        readonly=True,
        copy=False,
        help="The tariffs when the booking was made; extensions are priced by them.",
    )

    # === BOOKING === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override to price what staff book, where there is a price."""
        bookings = super().create(vals_list)
        for booking in bookings:
            if booking.kind == "timed" and not booking.shadow_of_id:
                booking._price_stay()
        return bookings

    @api.model
    def _prepare_create(self, member, room, body):
        """Override of `teahouse_booking` to charge an offer.

        In a company without any price stays are free, as without this addon.
        """
        tariffs = self.env["teahouse.tariff"].sudo()
        metered = body.kind == "metered"
        if metered:
            room = room.with_context(teahouse_metered=True)
        vals = super()._prepare_create(member, room, body)
        vals["kind"] = "metered" if metered else "timed"
        if not body.offer and not tariffs._has_prices(room.company_id):
            return vals
        start, end = vals["start"], vals["end"]
        end = None if metered else end
        offer, at = tariffs._choose_offer(room, start, end, body.offer, member)
        return {**vals, **self._offer_vals(offer, room, start, at, member)}

    @api.model
    def _api_times(self, room, body):
        """Override of `teahouse_booking`: a metered stay begins now and is kept as
        long as the room is free."""
        if body.kind != "metered":
            if body.end is None:
                self._refuse_field("end", self.env._("The end is missing."))
            return super()._api_times(room, body)
        if body.end is not None:
            self._refuse_field("end", self.env._("A metered stay has no end yet."))
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        if abs(to_utc_naive(body.start) - now) > timedelta(minutes=NOW_MINUTES):
            self._refuse_field("start", self.env._("A metered stay begins now."))
        self._lock_rooms(room.ids)
        self._expire_stale_holds(room)
        return now, room._metered_end(now)

    @api.model
    def _refuse_field(self, field, message):
        errors = [{"field": field, "message": message}]
        raise TeahouseError("invalid_request", message, errors)

    @api.model
    def _offer_vals(self, offer, room, start, at, member):
        """Return the values of a booking for what is bought.

        :param engine.Offer offer:
        :param start: naive UTC
        :param at: instant of the sale, naive UTC
        """
        tariffs, calendar = room._tariffs_for(start, at, member)
        day = room.sudo().store_id._local(start).date()
        discount = self.env["teahouse.tariff"]._member_discount(member, room, offer)
        named = self.env["teahouse.tariff"].sudo().browse(offer.idents).exists()
        vals = {
            "tariff_id": (named.filtered(lambda t: t.kind != "hourly") or named)[:1].id,
            "offer_snapshot": self._offer_snapshot(offer),
            "tariff_snapshot": engine.dump(tariffs, calendar, day),
            "charge_line_ids": [
                fields.Command.create(line)
                for line in self._offer_charges(offer, discount)
            ],
        }
        if offer.kind != "metered":
            vals["paid_until"] = to_utc_naive(offer.billed_end)
        return vals

    @api.model
    def _offer_snapshot(self, offer):
        return {
            "kind": offer.kind,
            "name": offer.name,
            "amount": str(offer.amount),
            "deposit": str(offer.deposit),
            "billed_end": offer.billed_end.isoformat(),
            "fingerprint": offer.fingerprint,
            "tariffs": list(offer.idents),
        }

    @api.model
    def _offer_charges(self, offer, discount=Decimal(0)):
        """Return the values of the charge lines of an offer."""
        charges = [self._charge_of(line, "base") for line in offer.lines]
        if offer.deposit:
            charges.append(
                {
                    "kind": "deposit",
                    "name": self.env._("Deposit"),
                    "unit_price": float(offer.deposit),
                    "amount": float(offer.deposit),
                }
            )
        if discount:
            charges.append(
                {
                    "kind": "discount",
                    "name": self.env._("Member price"),
                    "sequence": 50,
                    "unit_price": -float(discount),
                    "amount": -float(discount),
                }
            )
        return charges

    @api.model
    def _charge_of(self, line, kind):
        """Return the values of the charge line for a line of the engine."""
        hours = line.kind in ("hourly", "overtime")
        unit = line.amount if line.unit_price is None else line.unit_price
        name = line.name
        if line.kind == "cap":
            name = self.env._("%s, at its cap", name)
        return {
            "kind": kind,
            "name": name,
            "quantity": round(line.minutes / 60, 4) if hours else 1,
            "unit_price": float(unit),
            "amount": float(line.amount),
            "minutes": line.minutes,
            "start": to_utc_naive(line.start),
            "end": to_utc_naive(line.end),
        }

    def _price_stay(self):
        """Charge the cheapest offer, unless something is charged or nothing is for
        sale."""
        self.ensure_one()
        booking_sudo = self.sudo()
        if booking_sudo.charge_line_ids:
            return
        at = fields.Datetime.now()
        tariffs_sudo = self.env["teahouse.tariff"].sudo()
        member, room = booking_sudo.member_id, booking_sudo.room_id
        start, end = booking_sudo.start, booking_sudo.end
        offers = tariffs_sudo._quote(room, start, end, member, at)
        if offers:
            booking_sudo.write(
                booking_sudo._offer_vals(offers[0], room, start, at, member)
            )

    # === CHANGES === #

    def _sold_tariffs(self):
        """Return the tariffs and the calendar in force when the booking was made."""
        self.ensure_one()
        if self.tariff_snapshot:
            return engine.load(self.tariff_snapshot)
        return self.room_id._tariffs_for(self.start, self.create_date, self.member_id)

    def _cheapest(self, start, end, room=None):
        """Return the cheapest offer by the sold tariffs, None where there is none.

        :param room: another room, with its tariffs of the time of the sale
        """
        self.ensure_one()
        if room:
            tariffs, calendar = room._tariffs_for(
                start, self.create_date, self.member_id
            )
        else:
            tariffs, calendar = self._sold_tariffs()
        model = self.env["teahouse.tariff"]
        room = room or self.room_id
        offers = model._offers(room, tariffs, calendar, start, end)
        return offers[0] if offers else None

    def _charged_for_stay(self):
        """Return what the time is charged, before discounts."""
        self.ensure_one()
        lines = self.sudo().charge_line_ids.filtered(
            lambda line: (
                line.state == "open"
                and (
                    line.kind in ("base", "extension")
                    or line.change_id.kind in ("room_change", "reschedule")
                )
            )
        )
        return sum(map(self.env["teahouse.tariff"]._decimal, lines.mapped("amount")))

    def _covered_amount(self):
        """Return what the stay to its present end counts for when it is extended.

        That is what was charged. After a change of room it is the price there: the
        hours before the change were charged by other tariffs.
        """
        self.ensure_one()
        moved = self.change_ids.filtered(
            lambda change: change.kind == "room_change" and change.state == "applied"
        )
        here = moved and self._cheapest(self.start, self.end)
        return here.amount if here else self._charged_for_stay()

    def _extension_offer(self, new_end):
        """Return what it costs to stay until a later end.

        The price of the whole stay to there, less what it was charged already. Stays
        that had no price go on without one.

        :param new_end: naive UTC
        :return: amount, name, minutes, start, end, paid_until
        :raise TeahouseError: no_tariff
        """
        self.ensure_one()
        amount, paid_until = Decimal(0), new_end
        if self.kind == "timed" and (self.tariff_snapshot or self._charged_for_stay()):
            offer = self._cheapest(self.start, new_end)
            if not offer:
                raise self.env["teahouse.tariff"]._no_tariff()
            amount = engine.extension_price(offer.amount, self._covered_amount())
            paid_until = to_utc_naive(offer.billed_end)
        return {
            "amount": float(amount),
            "name": self.env._(
                "Extension to %s", f"{self.store_id._local(new_end):%H:%M}"
            ),
            "minutes": int((new_end - self.end).total_seconds() // 60),
            "start": self.end,
            "end": new_end,
            "paid_until": max(paid_until, self.paid_until or new_end),
        }

    def _room_change_amount(self, room):
        """Return what another room costs more, or less, for the rest of the stay.

        :rtype: float
        """
        self.ensure_one()
        if self.kind != "timed" or not self.tariff_snapshot:
            return 0.0
        now = fields.Datetime.now().replace(second=0, microsecond=0)
        since = max(self.start, now)
        there = self._cheapest(since, self.end, room)
        if not there:
            raise self.env["teahouse.tariff"]._no_tariff()
        if since == self.start:
            return float(there.amount - self._charged_for_stay())
        here = self._cheapest(since, self.end)
        return float(there.amount - here.amount) if here else 0.0

    def _on_room_changed(self, old_room):
        """Override of `teahouse_booking`: extensions go by the new room's tariffs."""
        result = super()._on_room_changed(old_room)
        if self.tariff_snapshot:
            tariffs, calendar = self.room_id._tariffs_for(
                self.start, self.create_date, self.member_id
            )
            day = self.store_id._local(self.start).date()
            self.tariff_snapshot = engine.dump(tariffs, calendar, day)
        return result

    # === THE END === #

    def _charge_real_use(self):
        """Override to charge a metered stay, and overtime."""
        result = super()._charge_real_use()
        if self.state != "completed":
            return result
        if self.kind == "metered":
            self._charge_metered()
        elif self.store_id.at_end == "run_on":
            self._charge_overtime()
        return result

    def _charge_metered(self):
        """Charge the real length like hours."""
        self.ensure_one()
        tariffs, calendar = self._sold_tariffs()
        metered = next(
            (m for m in tariffs.metered if m.ident in self._bought_idents()), None
        )
        if not metered:
            return
        offer = engine.metered_bill(
            metered.hourly,
            to_aware(self.start, UTC),
            to_aware(self.ended_at or self.end, UTC),
            zone=self.store_id._zone(),
            day_type=calendar,
            digits=self.currency_id.decimal_places,
        )
        if not offer:
            raise self.env["teahouse.tariff"]._no_tariff()
        discount = self.env["teahouse.tariff"]._member_discount(
            self.member_id, self.room_id, offer
        )
        self._add_charges(self._offer_charges(offer, discount))

    def _bought_idents(self):
        return (self.offer_snapshot or {}).get("tariffs", [])

    def _charge_overtime(self):
        """Charge the time past what is paid, up to the next booking's start."""
        self.ensure_one()
        tariffs, calendar = self._sold_tariffs()
        following = self.search(
            [
                ("room_id", "=", self.room_id.id),
                ("id", "!=", self.id),
                ("start", ">=", self.end),
                ("state", "in", BLOCKING_STATES),
            ],
            order="start",
            limit=1,
        )
        over = engine.overtime(
            self.store_id._overtime_rules(),
            tariffs.hourly,
            to_aware(self.paid_until or self.end, UTC),
            to_aware(self.ended_at or self.end, UTC),
            zone=self.store_id._zone(),
            day_type=calendar,
            next_start=following and to_aware(following.start, UTC) or None,
            name=self.env._("Overtime"),
            digits=self.currency_id.decimal_places,
        )
        if not over:
            return
        charges = [self._charge_of(line, "overtime") for line in over.lines]
        if over.fee:
            charges.append(
                {
                    "kind": "overtime",
                    "name": self.env._("Overtime fee"),
                    "unit_price": float(over.fee),
                    "amount": float(over.fee),
                }
            )
        self._add_charges({**charge, "sequence": 30} for charge in charges)

    def _add_charges(self, charges):
        self.env["teahouse.charge.line"].sudo().create(
            [{"booking_id": self.id, **charge} for charge in charges]
        )
