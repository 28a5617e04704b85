import logging
import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.field_encrypted.fields import Encrypted
from odoo.addons.teahouse_base.api.schema import for_modules
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_base.tools.timeutil import to_utc_naive
from odoo.addons.teahouse_booking.api.schemas import BookingCreate

from ..const import VOUCHER
from ..tools.voucher_api import VoucherError
from .teahouse_coupon_claim import CODE_LIMITS
from .teahouse_voucher_account import PLATFORMS

_logger = logging.getLogger(__name__)

# Refusals after which nothing was used.
FINAL = ("unknown", "used", "refunded", "expired", "wrong_shop", "signature")


class TeahouseVoucher(models.Model):
    """A voucher that a platform sold and a guest turns into a stay.

    The stay is kept and everything stored before the platform counts the code as
    used. What it answered is a step of its own, and is asked for again with the same
    number if the answer was lost.
    """

    _name = "teahouse.voucher"
    _description = "Group-buy voucher"
    _inherit = ["field.encrypted.mixin"]
    _order = "id desc"
    _rec_name = "code_masked"
    _check_company_auto = True

    account_id = fields.Many2one(
        "teahouse.voucher.account", required=True, readonly=True, ondelete="restrict"
    )
    platform = fields.Selection(PLATFORMS, required=True, readonly=True, index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    product_id = fields.Many2one(
        "teahouse.voucher.product", readonly=True, ondelete="restrict"
    )
    code = Encrypted(
        string="Code (whole)",
        blind_index="code_index",
        groups=fields.NO_ACCESS,
        copy=False,
    )
    code_index = fields.Char(groups=fields.NO_ACCESS, readonly=True, copy=False)
    code_masked = fields.Char(string="Code", readonly=True)
    token = Encrypted(groups=fields.NO_ACCESS, copy=False)
    request_id = fields.Char(
        required=True, readonly=True, default=lambda self: secrets.token_hex(12)
    )
    number = fields.Char(
        string="Platform's number", readonly=True, help="Of the verification."
    )
    member_id = fields.Many2one("teahouse.member", readonly=True, index=True)
    booking_id = fields.Many2one("teahouse.booking", readonly=True, index=True)
    store_id = fields.Many2one(related="booking_id.store_id", store=True)
    transaction_id = fields.Many2one("payment.transaction", readonly=True)
    state = fields.Selection(
        [
            ("prepared", "Being verified"),
            ("verified", "Verified"),
            ("reversing", "Being reversed"),
            ("reversed", "Reversed"),
            ("failed", "Refused"),
        ],
        default="prepared",
        required=True,
        readonly=True,
        index=True,
    )
    failure = fields.Char(readonly=True)
    paid = fields.Monetary(string="Guest paid", readonly=True)
    settle = fields.Monetary(
        string="Platform pays", readonly=True, help="After its commission."
    )
    fee = fields.Monetary(compute="_compute_fee", store=True, string="Commission")
    verified_at = fields.Datetime(readonly=True, index=True)
    reverse_until = fields.Datetime(readonly=True)
    settled_on = fields.Date(string="Settled on", readonly=True, index=True)

    _live_code = models.UniqueIndex(
        "(account_id, code_index) WHERE state IN ('prepared', 'verified', 'reversing')",
        "This voucher is used already.",
    )

    @api.depends("paid", "settle")
    def _compute_fee(self):
        for voucher in self:
            voucher.fee = voucher.paid - voucher.settle

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Vouchers are kept."))

    # === REDEEMING === #

    @api.model
    def _api_redeem(self, body):
        """Turn a voucher into a stay of the current member.

        :param body: platform, code, room_id, start, people
        :raise TeahouseError: not_found, invalid_request, payment_failed, slot_taken
        """
        member = self.env["teahouse.member"]._current()
        room = self.env["teahouse.room"]._api_find(body.room_id).sudo()
        member._check_can_book(room.store_id)
        throttle = self.env["teahouse.throttle"].sudo()
        wait = throttle._hit("voucher code", str(member.id), CODE_LIMITS)
        if wait:
            message = self.env._("Too many codes. Try later.")
            raise TeahouseError("rate_limited", message, retry_after=wait)
        code = body.code.strip()
        voucher = self._begun(member, code, body.platform, room)
        if not voucher:
            voucher = self._prepare_voucher(member, code, body, room)
            voucher._keep()
        if voucher.state == "prepared":
            voucher._verify()
            voucher._keep()
        if voucher.state == "failed":
            raise TeahouseError("payment_failed", voucher._refusal(voucher.failure))
        return voucher.booking_id._api_values()

    def _keep(self):
        """Store what was done so far, before the platform hears of it, and after.

        The wish, and what the platform has done, must outlive a crash.
        """
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _begun(self, member, code, platform, room):
        """Return the live voucher (sudo) of a code, if it is this member's."""
        found = self.sudo().search(
            [
                ("code", "=", code),
                ("platform", "=", platform),
                ("company_id", "=", room.company_id.id),
                ("state", "in", ("prepared", "verified", "reversing")),
            ],
            limit=1,
        )
        if found and (found.member_id != member or found.booking_id.room_id != room):
            raise TeahouseError("payment_failed", self._refusal("used"))
        return found

    @api.model
    def _refusal(self, code):
        return {
            "unknown": self.env._("The platform does not know this code."),
            "used": self.env._("This voucher is used already."),
            "refunded": self.env._("This voucher was given back to the platform."),
            "expired": self.env._("This voucher has expired."),
            "too_late": self.env._("The platform does not take it back any more."),
            "unreachable": self.env._("The platform does not answer. Try later."),
        }.get(code, self.env._("The platform refuses this voucher."))

    @api.model
    def _prepare_voucher(self, member, code, body, room):
        """Ask what a code stands for, and keep a stay for it."""
        accounts = self.env["teahouse.voucher.account"].sudo()
        account = accounts.search(
            [
                ("platform", "=", body.platform),
                ("company_id", "=", room.company_id.id),
                "|",
                ("store_ids", "=", False),
                ("store_ids", "in", room.store_id.ids),
            ],
            limit=1,
        )
        if not account:
            raise TeahouseError(
                "not_found", self.env._("This store takes no vouchers of the platform.")
            )
        try:
            prepared = account._client().prepare(code)
        except VoucherError as error:
            raise TeahouseError("payment_failed", self._refusal(error.code)) from error
        product = account.product_ids.filtered(
            lambda one: one.number == prepared.product
        )
        if not product or not product._fits(room):
            message = self.env._("The voucher is not for this room.")
            errors = [{"field": "room_id", "message": message}]
            raise TeahouseError("invalid_request", message, errors)
        voucher_sudo = self.sudo().create(
            {
                "account_id": account.id,
                "platform": account.platform,
                "product_id": product.id,
                "code": code,
                "code_masked": f"{code[:2]}****{code[-4:]}",
                "token": prepared.token,
                "member_id": member.id,
                "paid": float(prepared.paid),
                "settle": float(prepared.settle),
            }
        )
        voucher_sudo.booking_id = voucher_sudo._hold(room, body)
        return voucher_sudo

    def _hold(self, room, body):
        """Keep the stay that the voucher stands for, at the voucher's price."""
        self.ensure_one()
        schema = for_modules(BookingCreate, self.env.registry._init_modules)
        wanted = schema(
            room_id=room.id,
            start=body.start.isoformat(),
            end=(body.start + timedelta(minutes=self.product_id.minutes)).isoformat(),
            people=body.people,
        )
        bookings = self.env["teahouse.booking"].sudo()
        vals = bookings._prepare_create(self.member_id, room, wanted)
        for key in ("tariff_id", "offer_snapshot", "tariff_snapshot"):
            vals.pop(key, None)
        start = to_utc_naive(body.start).replace(second=0, microsecond=0)
        end = start + timedelta(minutes=self.product_id.minutes)
        line = {
            "kind": "base",
            "name": self.product_id.name,
            "unit_price": self.paid,
            "amount": self.paid,
            "minutes": self.product_id.minutes,
            "start": start,
            "end": end,
        }
        vals |= {
            "source": "platform",
            "paid_until": end,
            "charge_line_ids": [fields.Command.create(line)],
        }
        booking = bookings.create([vals])
        booking._on_held()
        return booking

    def _verify(self):
        """Have the platform count the code as used; asked again it changes nothing."""
        self.ensure_one()
        try:
            answer = self.account_id._client().verify(
                self.code, self.token, self.request_id
            )
        except VoucherError as error:
            if error.code in FINAL:
                self.write({"state": "failed", "failure": error.code})
                if self.booking_id.state == "hold":
                    self.booking_id._expire()
            else:
                cron = self.env.ref("teahouse_marketing.cron_vouchers").sudo()
                cron._trigger(fields.Datetime.now() + timedelta(minutes=1))
            return
        now = fields.Datetime.now()
        self.write(
            {
                "state": "verified",
                "number": answer.number,
                "verified_at": now,
                "reverse_until": now + timedelta(seconds=answer.reverse_seconds),
            }
        )
        self._pay_stay()

    def _pay_stay(self):
        """Take the voucher as payment of its stay."""
        self.ensure_one()
        booking = self.booking_id
        company = booking.company_id
        provider = company._teahouse_voucher_provider()
        booking._lock_money()
        tx = booking._create_transaction(provider, "voucher", amount=self.paid)
        self.transaction_id = tx
        tx._start()
        tx._post_process()

    # === REVERSING === #

    def _want_reversed(self):
        """Have the platform told that the code was not used after all.

        :raise TeahouseError: outside_window, beyond the platform's limit
        """
        for voucher in self.filtered(lambda one: one.state == "verified"):
            if voucher.reverse_until < fields.Datetime.now() or voucher.settled_on:
                raise TeahouseError("outside_window", self._refusal("too_late"))
            voucher.state = "reversing"
        self.env.ref("teahouse_marketing.cron_vouchers").sudo()._trigger()

    def _reverse(self):
        """Tell the platform, and finish the refund accordingly."""
        self.ensure_one()
        refund = self.transaction_id.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state in ("draft", "pending")
        )
        try:
            self.account_id._client().reverse(self.number, f"{self.request_id}-r")
        except VoucherError as error:
            if error.code == "unreachable":
                return
            self.write({"state": "verified", "failure": error.code})
            refund._set_error(self._refusal(error.code))
            return
        self.state = "reversed"
        refund._set_done()
        refund._post_process()

    @api.model
    def _cron_vouchers(self):
        """Ask again what got no answer, and reverse what is to be reversed."""
        for state, step in (("prepared", "_verify"), ("reversing", "_reverse")):
            for voucher in self.search([("state", "=", state)], order="id"):
                getattr(voucher, step)()
                if not self.env["ir.cron"]._commit_progress(1):
                    return

    # === SETTLEMENT === #

    def action_mark_settled(self):
        """Note that the platform has paid these, and book its commission."""
        self.check_access("read")
        if not self.env.user.has_group("teahouse_base.teahouse_base_group_accountant"):
            raise UserError(self.env._("Accountants settle with platforms."))
        today = fields.Date.context_today(self)
        for voucher in self.sudo().filtered(
            lambda one: one.state == "verified" and not one.settled_on
        ):
            company = voucher.company_id
            partner = voucher.booking_id._invoice_partner().commercial_partner_id
            company._post_entry(
                [
                    (company.teahouse_commission_account_id, partner, voucher.fee),
                    (company.teahouse_voucher_account_id, partner, -voucher.fee),
                ],
                ref=voucher.number,
            )
            voucher.settled_on = today


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    teahouse_voucher_ids = fields.One2many("teahouse.voucher", "transaction_id")

    def _start(self, scene=None, payer=None):
        """Override of `teahouse_billing`: a verified voucher is money already."""
        self.ensure_one()
        if self.provider_code != VOUCHER:
            return super()._start(scene, payer)
        self._set_done()
        return {}

    def _is_local(self):
        """Override of `teahouse_billing`: the platform is asked by a job of ours."""
        return super()._is_local() or self.provider_code == VOUCHER

    def _send_refund_request(self):
        """Override of `payment`: a voucher goes back whole, within its limit."""
        self.ensure_one()
        if self.provider_code != VOUCHER:
            return super()._send_refund_request()
        source = self.source_transaction_id
        vouchers = source.teahouse_voucher_ids
        whole = not self.currency_id.compare_amounts(-self.amount, source.amount)
        try:
            if not whole:
                raise TeahouseError(
                    "invalid_state", self.env._("A voucher goes back whole.")
                )
            vouchers._want_reversed()
        except TeahouseError as error:
            self._set_error(str(error))
            return None
        self._set_pending()
        return None
