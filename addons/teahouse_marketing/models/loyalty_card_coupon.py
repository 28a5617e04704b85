import base64
import io
import secrets
from datetime import timedelta

import qrcode

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.teahouse_base.api import decode_cursor, encode_cursor, money_str, page
from odoo.addons.teahouse_base.exceptions import TeahouseError

# No letters or digits that people mistake for one another.
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 12
BATCH = 500


class LoyaltyCard(models.Model):
    """A coupon for a stay, from the day it is given to the day it is used or lapses.

    Each step is an entry of its history.
    """

    _inherit = "loyalty.card"

    teahouse_state = fields.Selection(
        [
            ("available", "Open"),
            ("reserved", "Taken for a stay"),
            ("used", "Used"),
            ("expired", "Expired"),
            ("revoked", "Withdrawn"),
        ],
        string="State",
        readonly=True,
        copy=False,
    )
    teahouse_member_id = fields.Many2one(
        "teahouse.member",
        string="Member",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    teahouse_booking_id = fields.Many2one(
        "teahouse.booking",
        string="Stay",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    teahouse_batch_id = fields.Many2one(
        "teahouse.coupon.batch",
        string="Batch",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    teahouse_key = fields.Char(
        readonly=True, copy=False, help="The event it was given for: never twice."
    )

    qr_image = fields.Binary(compute="_compute_qr_image", string="QR code")

    _teahouse_key_unique = models.UniqueIndex(
        "(teahouse_key) WHERE teahouse_key IS NOT NULL",
        "This coupon was given before.",
    )
    _teahouse_due = models.Index("(expiration_date) WHERE teahouse_state = 'available'")

    def _compute_qr_image(self):
        for card in self:
            image = io.BytesIO()
            qrcode.make(card.code or "", border=2).save(image, "PNG")
            card.qr_image = base64.b64encode(image.getvalue())

    @api.model
    def _new_coupon_code(self):
        return "".join(secrets.choice(CODE_ALPHABET) for _i in range(CODE_LENGTH))

    # === GIVING === #

    @api.model
    def _issue(self, program, member, event="issued", key=None):
        """Give a member a coupon.

        :param str event: issued or claimed
        :param str key: names the occasion, for which it is given once
        :return: the card (sudo), empty if this occasion gave one before
        """
        cards_sudo = self.sudo().with_context(loyalty_no_mail=True)
        if key and cards_sudo.search_count([("teahouse_key", "=", key)], limit=1):
            return cards_sudo.browse()
        card_sudo = cards_sudo.create(
            {
                "program_id": program.id,
                "partner_id": member.sudo().partner_id.id,
                "teahouse_member_id": member.id,
                "teahouse_state": "available",
                "teahouse_key": key,
                "points": 1,
                "code": self._new_coupon_code(),
                "expiration_date": program._coupon_expiry(fields.Date.today()),
            }
        )
        card_sudo._trace(event, issued=1)
        return card_sudo

    def _trace(self, event, record=None, **numbers):
        """Write an entry of the coupons' lives."""
        words = dict(
            self.env["loyalty.history"]
            ._fields["teahouse_event"]
            ._description_selection(self.env)
        )
        self.env["loyalty.history"].sudo().create(
            [
                {
                    "card_id": card.id,
                    "teahouse_event": event,
                    "description": words[event],
                    "order_model": record._name if record else card._name,
                    "order_id": record.id if record else card.id,
                    **numbers,
                }
                for card in self
            ]
        )

    def _move_to(self, state, allowed, booking_id=None):
        """Move coupons to a state; of two at once the second fails or is replayed.

        :raise TeahouseError: invalid_state
        """
        if not self:
            return
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """UPDATE loyalty_card
                      SET teahouse_state = %s, teahouse_booking_id = %s, points = %s
                    WHERE id IN %s AND teahouse_state IN %s RETURNING id""",
                state,
                booking_id,
                1 if state == "available" else 0,
                tuple(self.ids),
                tuple(allowed),
            ),
            log_exceptions=False,
        )
        moved = self.env.cr.fetchall()
        self.invalidate_recordset()
        if len(moved) != len(self):
            raise TeahouseError(
                "invalid_state", self.env._("The coupon is used already.")
            )

    def _reserve(self, booking):
        """Take coupons for a booking on hold."""
        if self:
            self._move_to("reserved", ["available"], booking.id)
            self._trace("reserved", booking)

    def _use(self, booking):
        """Use up the coupons of a booking."""
        if self:
            self._move_to("used", ["reserved", "available"], booking.id)
            self._trace("used", booking, used=1)

    def _give_back(self, booking):
        """Make coupons of a booking usable again; those past their day expire."""
        if not self:
            return
        used = self.filtered(lambda card: card.teahouse_state == "used")
        self._move_to("available", ["reserved", "used"])
        used._trace("returned", booking, issued=1)
        (self - used)._trace("returned", booking)

    def action_revoke(self):
        """Withdraw coupons that nobody has used."""
        self.check_access("read")
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_owner"):
            raise TeahouseError("forbidden", self.env._("The owner withdraws coupons."))
        open_sudo = self.sudo().filtered(lambda c: c.teahouse_state == "available")
        open_sudo._move_to("revoked", ["available"])
        open_sudo._trace("revoked", used=1)

    @api.model
    def _cron_expire_coupons(self):
        """Mark what nobody has used in time."""
        domain = [
            ("teahouse_state", "=", "available"),
            ("expiration_date", "<", fields.Date.today()),
        ]
        while cards := self.search(domain, limit=BATCH):
            cards._move_to("expired", ["available"])
            cards._trace("expired", used=1)
            left = self.search_count(domain)
            if not self.env["ir.cron"]._commit_progress(len(cards), remaining=left):
                return

    def _is_past(self, store):
        """Tell whether the coupon's last day is over on a store's clock."""
        self.ensure_one()
        today = store._local(fields.Datetime.now()).date()
        return bool(self.expiration_date and self.expiration_date < today)

    # === API === #

    def _coupon_values(self):
        """Return a coupon as the API shows it."""
        self.ensure_one()
        return {
            "id": self.id,
            "code": self.code,
            "state": self.teahouse_state,
            "expires_on": self.expiration_date and self.expiration_date.isoformat(),
            "booking": self.teahouse_booking_id.ref or None,
            **self.program_id._coupon_out(),
        }

    @api.model
    def _api_my_coupons(self, query):
        """Return a page of the current member's coupons, the newest first."""
        member = self.env["teahouse.member"]._current()
        domain = [
            ("teahouse_member_id", "=", member.id),
            ("program_id.teahouse_coupon", "=", True),
        ]
        if query.state:
            domain.append(("teahouse_state", "=", query.state))
        if query.state == "available":
            # The day may have ended on the stores' clocks before the job comes.
            today = (fields.Datetime.now() - timedelta(hours=12)).date()
            domain += [
                "|",
                ("expiration_date", "=", False),
                ("expiration_date", ">=", today),
            ]
        if after := decode_cursor(self.env, query.cursor, int):
            domain.append(("id", "<", after[0]))
        found = self.sudo().search(domain, order="id desc", limit=query.limit + 1)
        shown = found[: query.limit]
        cursor = encode_cursor(shown[-1].id) if len(found) > query.limit else None
        return page([card._coupon_values() for card in shown], cursor)

    @api.model
    def _api_own_coupons(self, coupon_ids):
        """Return coupons (sudo) of the current member.

        :raise TeahouseError: not_found, also for somebody else's
        """
        member = self.env["teahouse.member"]._current()
        ids = list(dict.fromkeys(coupon_ids))
        found = self.sudo().search(
            [
                ("id", "in", ids),
                ("teahouse_member_id", "=", member.id),
                ("teahouse_member_id", "!=", False),
                ("program_id.teahouse_coupon", "=", True),
            ]
        )
        if len(found) != len(ids):
            raise TeahouseError("not_found", self.env._("There is no such coupon."))
        return found


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    def _coupon_out(self):
        """Return what a coupon of the program gives, as the API shows it."""
        self.ensure_one()
        currency = self.currency_id
        return {
            "program_id": self.id,
            "name": self.name,
            "kind": self.coupon_kind,
            "value": f"{self.coupon_value:g}",
            "minutes": self.coupon_minutes or None,
            "currency": currency.name,
            "minimum": money_str(self.coupon_minimum, currency),
            "cap": money_str(self.coupon_cap, currency) if self.coupon_cap else None,
            "audience": self.coupon_audience,
            "store_ids": self.coupon_store_ids.ids,
            "days": self.days_label or "",
            "stacks": self.coupon_stacks,
        }
