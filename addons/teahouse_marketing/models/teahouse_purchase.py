import secrets
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import config, str2bool

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_base.exceptions import TeahouseError
from odoo.addons.teahouse_booking.const import REF_ALPHABET, REF_LENGTH
from odoo.addons.teahouse_booking.tools.qr import data_url

from ..const import BALANCE

OPEN_MINUTES = 30
#: Where in the app a provider's page leads back to.
SCREENS = {"top_up": "balance", "card": "cards", "tier": "membership"}


class TeahousePurchase(models.Model):
    """What a member buys that is no stay: a top-up, a card, a tier."""

    _name = "teahouse.purchase"
    _description = "Purchase of a member"
    _order = "id desc"
    _rec_name = "ref"

    ref = fields.Char(
        required=True, readonly=True, copy=False, default=lambda self: self._new_ref()
    )
    member_id = fields.Many2one(
        "teahouse.member", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    store_id = fields.Many2one("teahouse.store", readonly=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("top_up", "Top-up"), ("card", "Card"), ("tier", "Tier")],
        required=True,
        readonly=True,
        index=True,
    )
    package_id = fields.Many2one("teahouse.balance.package", readonly=True)
    product_id = fields.Many2one(
        "teahouse.card.product", string="Card sold", readonly=True
    )
    tier_id = fields.Many2one("teahouse.tier", readonly=True)
    amount = fields.Monetary(required=True, readonly=True)
    bonus = fields.Monetary(readonly=True)
    amount_refunded = fields.Monetary(string="Paid out", readonly=True)
    state = fields.Selection(
        [
            ("draft", "Waiting for payment"),
            ("paid", "Paid"),
            ("refunded", "Paid out"),
            ("expired", "Expired"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
    )
    intent = fields.Char(
        readonly=True, copy=False, help="What the client names its wish to buy by."
    )
    expires_at = fields.Datetime(readonly=True)
    paid_at = fields.Datetime(readonly=True)
    transaction_ids = fields.One2many("payment.transaction", "teahouse_purchase_id")
    move_ids = fields.One2many("account.move", "teahouse_purchase_id")
    card_ids = fields.One2many("teahouse.card", "purchase_id")

    _ref_unique = models.Constraint("UNIQUE(ref)", "The reference exists already.")
    _amounts = models.Constraint(
        """CHECK(amount > 0 AND bonus >= 0 AND amount_refunded >= 0
                 AND amount_refunded <= amount)""",
        "Something is paid, and no more than that is paid out.",
    )

    @api.model
    def _new_ref(self):
        return "".join(secrets.choice(REF_ALPHABET) for _i in range(REF_LENGTH))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Purchases are kept."))

    # === BUYING === #

    @api.model
    def _company_of(self, store_id):
        """Return store and company (sudo) that sell, and have balances set up."""
        store_sudo = self.env["teahouse.store"].sudo()
        if store_id:
            store_sudo = store_sudo._api_find(store_id)
            company = store_sudo.company_id
        else:
            providers = self.env["payment.provider"].sudo()
            found = providers.search(
                [("code", "=", BALANCE), ("state", "=", "enabled")], order="id", limit=1
            )
            company = found.company_id
        if not company.teahouse_balance_journal_id:
            raise TeahouseError(
                "invalid_state", self.env._("Nothing is sold here at the moment.")
            )
        return store_sudo, company

    @api.model
    def _refuse_field(self, field, message):
        errors = [{"field": field, "message": message}]
        raise TeahouseError("invalid_request", message, errors)

    @api.model
    def _api_top_up(self, body, intent=None):
        """Begin a top-up of the current member.

        :param body: package_id or amount, method, scene, store_id
        :raise TeahouseError: not_found, invalid_request, invalid_state
        """
        store, company = self._company_of(body.store_id)
        if (body.package_id is None) == (body.amount is None):
            self._refuse_field("amount", self.env._("Name a package or an amount."))
        if company.teahouse_balance_scope == "store" and not store:
            self._refuse_field("store_id", self.env._("Name the store."))
        values = {"kind": "top_up"}
        if body.package_id is not None:
            package = self._sold_package(body.package_id, store, company)
            values |= {
                "package_id": package.id,
                "amount": package.amount,
                "bonus": package.bonus,
            }
        else:
            amount = float(body.amount)
            if not company.teahouse_topup_min <= amount <= company.teahouse_topup_max:
                self._refuse_field(
                    "amount",
                    self.env._(
                        "Between %(least)s and %(most)s.",
                        least=company.currency_id.format(company.teahouse_topup_min),
                        most=company.currency_id.format(company.teahouse_topup_max),
                    ),
                )
            values["amount"] = amount
        return self._begin(company, store, values, body, intent)

    @api.model
    def _sold_package(self, package_id, store, company):
        package = (
            self.env["teahouse.balance.package"]
            .sudo()
            .search([("id", "=", package_id), ("company_id", "=", company.id)])
        )
        if not package or (package.store_ids and store not in package.store_ids):
            raise TeahouseError("not_found", self.env._("There is no such package."))
        member = self.env["teahouse.member"]._current()
        if package.first_only and self.sudo().search_count(
            [
                ("member_id", "=", member.id),
                ("kind", "=", "top_up"),
                ("state", "in", ("paid", "refunded")),
            ],
            limit=1,
        ):
            raise TeahouseError(
                "invalid_state", self.env._("This package is for the first top-up.")
            )
        return package

    @api.model
    def _api_buy(self, body, intent=None):
        """Begin the purchase of a card or a tier by the current member.

        :param body: product_id or tier_id, method, scene, store_id
        """
        store, company = self._company_of(body.store_id)
        if (body.product_id is None) == (body.tier_id is None):
            self._refuse_field("product_id", self.env._("Name a card or a tier."))
        companies = [False, company.id]
        if body.product_id is not None:
            product = (
                self.env["teahouse.card.product"]
                .sudo()
                .search([("id", "=", body.product_id), ("company_id", "in", companies)])
            )
            values = {"kind": "card", "product_id": product.id, "amount": product.price}
        else:
            tier = (
                self.env["teahouse.tier"]
                .sudo()
                .search([("id", "=", body.tier_id), ("company_id", "in", companies)])
            )
            values = {"kind": "tier", "tier_id": tier.id, "amount": tier.price}
        if not values["amount"]:
            raise TeahouseError("not_found", self.env._("There is no such thing."))
        return self._begin(company, store, values, body, intent)

    @api.model
    def _begin(self, company, store, values, body, intent):
        """Make the purchase and begin its payment."""
        member = self.env["teahouse.member"]._current()
        now = fields.Datetime.now()
        purchases_sudo = self.sudo()
        # What was begun under the same key before a crash goes on.
        purchase_sudo = purchases_sudo.search(
            [("member_id", "=", member.id), ("intent", "=", intent or "-")], limit=1
        )
        if not purchase_sudo:
            purchase_sudo = purchases_sudo.create(
                {
                    **values,
                    "member_id": member.id,
                    "company_id": company.id,
                    "store_id": store.id,
                    "intent": intent,
                    "expires_at": now + timedelta(minutes=OPEN_MINUTES),
                }
            )
        tx_sudo = purchase_sudo.transaction_ids[:1]
        if not tx_sudo:
            provider_sudo = purchase_sudo._provider(body.method)
            tx_sudo = purchase_sudo._create_transaction(provider_sudo, body.method)
            tx_sudo._keep()
        params = {}
        if tx_sudo.state != "done":
            payer = self.env["teahouse.booking"]._payer_values(tx_sudo, body.scene)
            params = tx_sudo._start_kept(body.scene, payer)
        if tx_sudo.state == "done" and not tx_sudo.is_post_processed:
            tx_sudo._post_process()
        if code := params.get("code_url"):
            # At a desk the customer scans it with the phone.
            params = {**params, "code_png": data_url(code)}
        return {
            **purchase_sudo._api_values(),
            "payment": {**tx_sudo._api_values(), "pay_params": params},
        }

    def _provider(self, method):
        """Return the provider (sudo) that serves a payment method.

        :raise TeahouseError: forbidden, invalid_request
        """
        self.ensure_one()
        code = self.env["teahouse.booking"]._api_payment_methods().get(method)
        allowed = str2bool(config.get("teahouse_allow_demo_payment") or "", False)
        if code == "demo" and not allowed:
            raise TeahouseError(
                "forbidden", self.env._("Demonstration payments are off here.")
            )
        providers_sudo = self.env["payment.provider"].sudo()
        provider_sudo = providers_sudo.search(
            [
                *providers_sudo._check_company_domain(self.company_id),
                ("code", "=", code if code != BALANCE else "none"),
                ("state", "in", ("enabled", "test")),
            ],
            limit=1,
        )
        if not code or code == BALANCE or not provider_sudo.journal_id:
            self._refuse_field(
                "method", self.env._("This payment method is not offered.")
            )
        return provider_sudo

    def _create_transaction(self, provider_sudo, method):
        self.ensure_one()
        txs_sudo = self.env["payment.transaction"].sudo()
        return txs_sudo.create(
            {
                "provider_id": provider_sudo.id,
                "payment_method_id": self.env["teahouse.booking"]
                ._payment_method(provider_sudo)
                .id,
                "reference": txs_sudo._compute_reference(
                    provider_sudo.code, prefix=f"TP{self.ref}", separator="_"
                ),
                "amount": self.amount,
                "currency_id": self.currency_id.id,
                "partner_id": self.member_id.sudo().partner_id.id,
                "operation": "online_direct",
                "landing_route": f"/teahouse/app/{SCREENS[self.kind]}",
                "teahouse_purchase_id": self.id,
                "teahouse_method": method,
            }
        )

    @api.model
    def _cron_expire(self):
        """Close purchases that nobody paid."""
        late = self.search(
            [("state", "=", "draft"), ("expires_at", "<", fields.Datetime.now())],
            limit=500,
        )
        for purchase in late:
            purchase.transaction_ids._refresh()
            if purchase.state == "draft":
                purchase.transaction_ids._close()
                purchase.state = "expired"

    # === API === #

    def _api_values(self):
        self.ensure_one()
        return {
            "ref": self.ref,
            "kind": self.kind,
            "state": self.state,
            "currency": self.currency_id.name,
            "amount": money_str(self.amount, self.currency_id),
            "bonus": money_str(self.bonus, self.currency_id),
        }
