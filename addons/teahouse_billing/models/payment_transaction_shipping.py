import logging
from datetime import UTC
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from odoo.addons.teahouse_base.tools.platform import PlatformError

_logger = logging.getLogger(__name__)

PATH = "/wxa/sec/order/upload_shipping_info"
# The order is named by WeChat Pay's number; the guest comes to the goods.
BY_NUMBER, PICKED_UP, IN_ONE = 2, 4, 1
BEIJING = ZoneInfo("Asia/Shanghai")
#: Told before, which is what we want.
TOLD_BEFORE = {"10060003", "10060023"}
#: Tries, one a run of the job, before it is left to people.
TRIES = 20


class PaymentTransaction(models.Model):
    """Mini-program money stays frozen until WeChat hears that the service was given."""

    _inherit = "payment.transaction"

    teahouse_scene = fields.Char(
        string="Paid in", readonly=True, copy=False, help="Where the client pays."
    )
    teahouse_shipping = fields.Selection(
        [("due", "To be told"), ("told", "Told"), ("failed", "Failed")],
        string="Service given, told to WeChat",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    teahouse_shipping_tries = fields.Integer(readonly=True, copy=False)
    teahouse_shipping_problem = fields.Char(readonly=True, copy=False)

    def _start(self, scene=None, payer=None):
        """Override to remember where the client pays."""
        if scene and self.teahouse_scene != scene:
            self.teahouse_scene = scene
        return super()._start(scene, payer)

    def _mark_service_given(self):
        """Have WeChat told of payments in its mini-program."""
        due = self.filtered(
            lambda tx: (
                tx.provider_code == "wechatpay"
                and tx.teahouse_scene == "mini_program"
                and tx.operation != "refund"
                and tx.state == "done"
                and not tx.teahouse_shipping
            )
        )
        if due:
            due.teahouse_shipping = "due"
            self.env.ref("teahouse_billing.cron_tell_shipping").sudo()._trigger()

    @api.model
    def _cron_tell_shipping(self):
        """Tell WeChat of services given; what fails is tried again by the next run."""
        txs = self.search([("teahouse_shipping", "=", "due")], order="id", limit=200)
        self.env["ir.cron"]._commit_progress(remaining=len(txs))
        for tx in txs:
            tx._tell_shipping()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _tell_shipping(self):
        self.ensure_one()
        app = self.env["teahouse.platform.app"]._of_kind("mini_program")
        member, _store = self._served()
        identity_sudo = self.env["teahouse.identity"].search(
            [
                ("member_id", "=", member.id),
                ("provider", "=", "wechat"),
                ("app_id", "=", app.app_id),
            ],
            limit=1,
        )
        try:
            if not app or not identity_sudo:
                raise PlatformError("no_payer")
            client = app._client()
            client._with_token(PATH, self._shipping_values(identity_sudo.subject))
        except PlatformError as error:
            if str(error.code) not in TOLD_BEFORE:
                self._note_shipping_problem(str(error.code))
                return
        self.write({"teahouse_shipping": "told", "teahouse_shipping_problem": False})

    def _served(self):
        """Return whom this payment served, and the store, possibly none.

        Upper addons know of payments for something else than a stay.
        """
        self.ensure_one()
        return self.teahouse_booking_id.member_id, self.teahouse_booking_id.store_id

    def _shipping_values(self, openid):
        _member, store = self._served()
        now = fields.Datetime.now().replace(tzinfo=UTC)
        local = now.astimezone(store._zone() if store else BEIJING)
        name = (store or self.company_id).name
        return {
            "order_key": {
                "order_number_type": BY_NUMBER,
                "transaction_id": self.provider_reference,
            },
            "logistics_type": PICKED_UP,
            "delivery_mode": IN_ONE,
            "shipping_list": [{"item_desc": name[:120]}],
            "upload_time": local.isoformat(timespec="milliseconds"),
            "payer": {"openid": openid},
        }

    def _note_shipping_problem(self, problem):
        tries = self.teahouse_shipping_tries + 1
        self.write(
            {
                "teahouse_shipping_tries": tries,
                "teahouse_shipping_problem": problem,
                "teahouse_shipping": "failed" if tries >= TRIES else "due",
            }
        )
        _logger.warning("%s: WeChat was not told of the service: %s", self.id, problem)

    def action_tell_shipping(self):
        """Try again what was given up."""
        self.teahouse_booking_id._check_money_right()
        failed = self.sudo().filtered(lambda tx: tx.teahouse_shipping == "failed")
        failed.write({"teahouse_shipping": "due", "teahouse_shipping_tries": 0})


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _on_settled(self):
        """Override to unfreeze what was paid in the mini-program."""
        result = super()._on_settled()
        for booking in self.sudo():
            booking.transaction_ids._mark_service_given()
        return result

    def _on_money_moved(self, tx):
        """Override: what is paid after the service needs no waiting."""
        result = super()._on_money_moved(tx)
        if self.settlement_state == "settled":
            tx._mark_service_given()
        return result
