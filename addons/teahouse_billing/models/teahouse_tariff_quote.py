import base64
import binascii
import hmac
import struct
from datetime import UTC, timedelta
from decimal import Decimal

from odoo import api, fields, models

from odoo.addons.field_encrypted.keyring import keyring
from odoo.addons.teahouse_base.api import iso, money_str
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_aware, to_utc_naive

from .. import engine

OFFER_MINUTES = 10
#: Format, room, start and end (minutes; 0: none), seconds of issue, fingerprint.
KEY_FORMAT = struct.Struct(">BIIII16s")
KEY_VERSION = 1
MAC_BYTES = 16


class TeahouseTariff(models.Model):
    """Offers, and the keys by which a customer chooses one."""

    _inherit = "teahouse.tariff"

    @api.model
    def _quote(self, room, start, end, member=None, at=None):
        """Return the offers for a stay, the cheapest first.

        :param room: ``teahouse.room``
        :param start: naive UTC
        :param end: naive UTC, None for a metered stay
        :param member: who asks, for prices of members
        :param at: as of which instant, naive UTC; now by default
        :rtype: list[engine.Offer]
        """
        tariffs, calendar = self._sold_for(room, start, at, member)
        return self._offers(room, tariffs, calendar, start, end)

    @api.model
    def _offers(self, room, tariffs, calendar, start, end):
        store_sudo = room.sudo().store_id
        digits = store_sudo.company_id.currency_id.decimal_places
        start = to_aware(start, UTC)
        if end is None:
            return engine.metered_offers(tariffs, start, digits)
        return engine.offers(
            tariffs,
            start,
            to_aware(end, UTC),
            zone=store_sudo._zone(),
            day_type=calendar,
            digits=digits,
        )

    @api.model
    def _member_discount(self, member, room, offer):
        """Return what a member's standing takes off an offer. For upper addons.

        :param member: ``teahouse.member``, empty for a visitor
        :param engine.Offer offer:
        :rtype: Decimal
        """
        return Decimal(0)

    # === KEYS === #

    @api.model
    def _offer_key(self, offer, room, start, end, at):
        """Return the key of an offer: it names the content, and nothing is stored.

        Bound to room, times, content and the instant of the quote; good for ten
        minutes, in which a change of prices is not felt.
        """
        payload = KEY_FORMAT.pack(
            KEY_VERSION,
            room.id,
            *self._key_times(start, end),
            int(to_aware(at, UTC).timestamp()),
            bytes.fromhex(offer.fingerprint),
        )
        return base64.urlsafe_b64encode(payload + self._offer_mac(payload)).decode()

    @api.model
    def _key_times(self, start, end):
        """Return the times that a key is bound to; a metered stay begins "now"."""
        if end is None:
            return 0, 0
        return tuple(engine.minute_of(to_aware(time, UTC)) for time in (start, end))

    @api.model
    def _offer_mac(self, payload):
        data = self.env.cr.dbname.encode() + b"\0" + payload
        return keyring().mac("teahouse.offer", data)[:MAC_BYTES]

    @api.model
    def _resolve_offer(self, key, room, start, end, member=None):
        """Return the offer that a key stands for, and the instant of its quote.

        :param end: naive UTC, None for a metered stay
        :rtype: tuple(engine.Offer, datetime)
        :raise TeahouseError: offer_expired, also for a key that is not ours or belongs
            to another room, time or content
        """
        fields_of_key = self._read_key(key)
        if fields_of_key:
            _version, room_id, begin, finish, issued, mark = fields_of_key
            at = fields.Datetime.from_string("1970-01-01") + timedelta(seconds=issued)
            age = fields.Datetime.now() - at
            times = self._key_times(start, end)
            same = room_id == room.id and (begin, finish) == times
            if same and timedelta(0) <= age < timedelta(minutes=OFFER_MINUTES):
                for offer in self._quote(room, start, end, member, at):
                    if bytes.fromhex(offer.fingerprint) == mark:
                        return offer, at
        raise TeahouseError(
            "offer_expired", self.env._("This price is no longer good: ask again.")
        )

    @api.model
    def _read_key(self, key):
        """Return the fields of a key, None unless this database has signed it."""
        try:
            raw = base64.b64decode(key.encode(), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        payload, mac = raw[: KEY_FORMAT.size], raw[KEY_FORMAT.size :]
        if len(payload) != KEY_FORMAT.size or len(mac) != MAC_BYTES:
            return None
        if not hmac.compare_digest(mac, self._offer_mac(payload)):
            return None
        values = KEY_FORMAT.unpack(payload)
        return values if values[0] == KEY_VERSION else None

    @api.model
    def _choose_offer(self, room, start, end, key=None, member=None):
        """Return the offer that is charged, and as of when: the key's, or the cheapest.

        :raise TeahouseError: offer_expired, no_tariff
        """
        if key:
            return self._resolve_offer(key, room, start, end, member)
        at = fields.Datetime.now()
        offers = self._quote(room, start, end, member, at)
        if not offers:
            raise self._no_tariff()
        return offers[0], at

    @api.model
    def _no_tariff(self):
        return TeahouseError(
            "no_tariff", self.env._("There is no price for this room at this time.")
        )

    # === API === #

    @api.model
    def _api_quote(self, body):
        """Return the offers for a room and a time.

        :param body: room_id, start, end (None: metered, opened now)
        :raise TeahouseError: not_found, invalid_request, no_tariff
        """
        room_sudo = self.env["teahouse.room"]._api_find(body.room_id)
        member_sudo = self.env["teahouse.member"]._current()
        start = to_utc_naive(body.start).replace(second=0, microsecond=0)
        end = body.end and to_utc_naive(body.end).replace(second=0, microsecond=0)
        self._check_length(room_sudo, start, end)
        at = fields.Datetime.now()
        offers = self._quote(room_sudo, start, end, member_sudo, at)
        if not offers:
            raise self._no_tariff()
        zone = room_sudo.store_id._zone()
        values = [
            {
                "key": self._offer_key(offer, room_sudo, start, end, at),
                **self._offer_values(offer, room_sudo, member_sudo),
            }
            for offer in offers
        ]
        expires_at = at + timedelta(minutes=OFFER_MINUTES)
        return {"offers": values, "expires_at": iso(expires_at, zone)}

    @api.model
    def _check_length(self, room, start, end):
        """Refuse lengths that the room cannot be booked for.

        :raise TeahouseError: invalid_request
        """
        if end is None:
            return
        length = (end - start).total_seconds() / 60
        codes = [
            code
            for code, wrong in (
                ("end_before_start", length <= 0),
                ("short", 0 < length < room.min_minutes),
                ("long", length > room.max_minutes),
            )
            if wrong
        ]
        if codes:
            words = self.env["teahouse.booking"]._problem_words(room, codes[0])
            raise TeahouseError("invalid_request", words["message"], [words])

    @api.model
    def _offer_values(self, offer, room, member):
        """Return an offer as the API shows it."""
        currency = room.company_id.currency_id
        zone = room.store_id._zone()
        discount = self._member_discount(member, room, offer)
        return {
            "kind": offer.kind,
            "name": offer.name,
            "currency": currency.name,
            "paid_until": iso(to_utc_naive(offer.billed_end), zone),
            "lines": [
                {
                    "kind": line.kind,
                    "name": line.name,
                    "start": iso(to_utc_naive(line.start), zone),
                    "end": iso(to_utc_naive(line.end), zone),
                    "minutes": line.minutes,
                    "unit_price": (
                        None
                        if line.unit_price is None
                        else money_str(line.unit_price, currency)
                    ),
                    "amount": money_str(line.amount, currency),
                }
                for line in offer.lines
            ],
            "amount": money_str(offer.amount, currency),
            "member_discount": money_str(discount, currency),
            "total": money_str(offer.amount - discount, currency),
            "deposit": money_str(offer.deposit, currency),
        }
