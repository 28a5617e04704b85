from datetime import timedelta

from odoo import api, models
from odoo.tools.misc import formatLang

WEEK = timedelta(days=7)


class TeahouseToday(models.AbstractModel):
    _inherit = "teahouse.today"

    @api.model
    def _tile_methods(self):
        return [
            *super()._tile_methods(),
            "_tile_money",
            "_tile_open_money",
            "_tile_refunds",
            "_tile_differences",
            "_tile_invoice_requests",
        ]

    @api.model
    def _sees_money(self):
        """Tell whether the user is to see what a store earns."""
        return any(
            self.env.user.has_group(f"teahouse_base.teahouse_base_group_{role}")
            for role in ("manager", "accountant")
        )

    @api.model
    def _tile_money(self, scope):
        """What was sold today so far, and until the same hour a week ago."""
        if not self._sees_money() or not scope.stores:
            return None
        currency = scope.stores[0].currency_id
        today = self._sold(scope, scope.day_start, scope.now)
        before = self._sold(scope, scope.day_start - WEEK, scope.now - WEEK)
        shown = [
            formatLang(self.env, amount, currency_obj=currency)
            for amount in (today, before)
        ]
        return {
            "key": "money",
            "title": self.env._("Sold today"),
            "sequence": 50,
            "icon": "fa-jpy",
            "level": "success" if today >= before else "warning",
            "value": shown[0],
            "text": self.env._("a week ago until now: %s", shown[1]),
        }

    @api.model
    def _sold(self, scope, since, until):
        """Return the total of what was booked between two instants.

        :param since: naive UTC
        :param until: naive UTC
        """
        domain = [
            *scope.domain,
            ("state", "in", ("confirmed", "in_use", "completed", "no_show")),
            ("confirmed_at", ">=", since),
            ("confirmed_at", "<", until),
        ]
        bookings = self.env["teahouse.booking"]
        ((total,),) = bookings._read_group(domain, [], ["amount_total:sum"])
        return total or 0.0

    @api.model
    def _tile_open_money(self, scope):
        """Stays that are over and still owe something."""
        if not self._sees_money():
            return None
        owing = self.env["teahouse.booking"].search_count(
            [
                *scope.domain,
                ("state", "=", "completed"),
                ("amount_due", ">", 0),
            ]
        )
        if not owing:
            return None
        return {
            "key": "open_money",
            "title": self.env._("Stays that still owe"),
            "sequence": 62,
            "icon": "fa-exclamation-circle",
            "level": "warning",
            "value": str(owing),
            "action": {
                **self._window("teahouse_booking.teahouse_booking_action"),
                "domain": [
                    *scope.domain,
                    ("state", "=", "completed"),
                    ("amount_due", ">", 0),
                ],
            },
        }

    @api.model
    def _checks(self, scope, operator):
        """Return the domain of open differences, of refunds (=) or others (!=)."""
        return [
            # What a provider states is of no store.
            ("store_id", "in", [*scope.stores.ids, False]),
            ("state", "=", "open"),
            ("kind", operator, "refund_failed"),
        ]

    @api.model
    def _tile_refunds(self, scope):
        """Refunds that a provider refused: guests wait for their money."""
        return self._tile_of(
            "teahouse.money.check",
            self._checks(scope, "="),
            key="refunds",
            title=self.env._("Refunds that failed"),
            sequence=45,
            icon="fa-undo",
            level="danger",
            action=self._window("teahouse_billing.teahouse_money_check_action"),
        )

    @api.model
    def _tile_differences(self, scope):
        """What does not agree between bookings, payments and books."""
        return self._tile_of(
            "teahouse.money.check",
            self._checks(scope, "!="),
            key="differences",
            title=self.env._("Differences in the books"),
            sequence=63,
            icon="fa-balance-scale",
            level="warning",
            action=self._window("teahouse_billing.teahouse_money_check_action"),
        )

    @api.model
    def _tile_invoice_requests(self, scope):
        """Tax invoices that guests wait for."""
        return self._tile_of(
            "teahouse.invoice.request",
            [*scope.domain, ("state", "=", "requested")],
            key="invoice_requests",
            title=self.env._("Tax invoices to issue"),
            sequence=64,
            icon="fa-file-text-o",
            level="warning",
            action=self._window("teahouse_billing.teahouse_invoice_request_action"),
        )

    @api.model
    def _tile_of(self, model, domain, action, **tile):
        """Return a tile that counts records and opens them, None without any."""
        records = self.env[model]
        count = records.search_count(domain) if records.has_access("read") else 0
        if not count:
            return None
        return {**tile, "value": str(count), "action": {**action, "domain": domain}}


class TeahouseSetup(models.AbstractModel):
    _inherit = "teahouse.setup"

    @api.model
    def _step_methods(self):
        return [*super()._step_methods(), "_step_tariff", "_step_provider"]

    @api.model
    def _step_tariff(self):
        tariffs = self.env["teahouse.tariff"].search_count(
            [("company_id", "in", (False, self.env.company.id))], limit=1
        )
        return {
            "key": "tariff",
            "title": self.env._("Prices"),
            "sequence": 50,
            "state": "done" if tariffs else "missing",
            "text": self.env._("Without a tariff every stay is free."),
            "action": {
                **self._form("teahouse.tariff.start"),
                "name": self.env._("Prices from a template"),
                "context": {"teahouse_come_back": True},
            },
        }

    @api.model
    def _step_provider(self):
        providers = self.env["payment.provider"]
        live = providers.sudo().search_count(
            [("state", "!=", "disabled"), ("company_id", "=", self.env.company.id)],
            limit=1,
        )
        # Merchants' keys are the admin's business.
        window = self.env["teahouse.today"]._window("payment.action_payment_provider")
        return {
            "key": "provider",
            "title": self.env._("Payment"),
            "sequence": 55,
            "state": "done" if live else "missing",
            "text": self.env._("WeChat Pay or Alipay, with the merchant's keys."),
            "action": window if providers.has_access("write") else None,
        }


class TeahouseMoneyCheck(models.Model):
    _inherit = "teahouse.money.check"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: open screens show what does not agree."""
        checks = super().create(vals_list)
        if checks:
            self.env["teahouse.today"]._changed()
        return checks

    def write(self, vals):
        """Override: open screens show what does not agree."""
        result = super().write(vals)
        if "state" in vals:
            self.env["teahouse.today"]._changed()
        return result


class TeahouseInvoiceRequest(models.Model):
    _inherit = "teahouse.invoice.request"

    @api.model_create_multi
    def create(self, vals_list):
        """Override: open screens show who waits for a tax invoice."""
        requests = super().create(vals_list)
        self.env["teahouse.today"]._changed(requests.sudo().store_id)
        return requests

    def write(self, vals):
        """Override: open screens show who waits for a tax invoice."""
        result = super().write(vals)
        if "state" in vals:
            self.env["teahouse.today"]._changed(self.store_id)
        return result
