from datetime import timedelta

from odoo import api, models
from odoo.tools.misc import formatLang

WEEK = timedelta(days=7)


class TeahouseToday(models.AbstractModel):
    _inherit = "teahouse.today"

    @api.model
    def _tile_methods(self):
        return [*super()._tile_methods(), "_tile_money", "_tile_open_money"]

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
