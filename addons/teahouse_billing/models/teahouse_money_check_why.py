from odoo import api, fields, models


class TeahouseMoneyCheck(models.Model):
    """Why something does not agree, and what to do about it."""

    _inherit = "teahouse.money.check"

    why = fields.Text(
        string="Why, and what to do", compute="_compute_why", readonly=True
    )

    @api.model
    def _reasons(self):
        """Return a sentence for each kind of difference.

        :rtype: dict(str, str)
        """
        return {
            "not_settled": self.env._(
                "The stay is over for more than an hour and its account is still open. "
                "Settle it by hand; the problem named here has to be removed first."
            ),
            "not_invoiced": self.env._(
                "What is posted on invoices is not what the stay was charged. Somebody "
                "changed or cancelled an invoice by hand, or a charge came later: "
                "adjust the bill or put the invoice right."
            ),
            "receivable": self.env._(
                "The guest's account does not show what is due. A payment was matched "
                "with another document, or an entry was changed by hand: look at the "
                "open entries of the guest."
            ),
            "payment_missing": self.env._(
                "The provider has confirmed the payment, but no entry was posted. That "
                "happens by itself within minutes, unless the provider has no journal."
            ),
            "surplus": self.env._(
                "More was paid than charged and no provider could send it back. Give "
                "it back at the counter, or by bank."
            ),
            "statement": self.env._(
                "The provider's statement shows something else than the payments here; "
                "the line says what."
            ),
            "statement_failed": self.env._(
                "The statement of a day could not be fetched. It is tried again; or "
                "import the file by hand."
            ),
            "refund_failed": self.env._(
                "The provider refused the refund. It is tried again by itself; look at "
                "the refund for the provider's answer."
            ),
        }

    @api.depends("kind")
    def _compute_why(self):
        reasons = self._reasons()
        for check in self:
            check.why = reasons.get(check.kind, "")

    def action_open_booking(self):
        """Open the booking that does not agree."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "teahouse.booking",
            "res_id": self.booking_id.id,
            "view_mode": "form",
        }

    @api.model
    def action_check_now(self):
        """Compare everything now, without waiting for the night."""
        self.check_access("write")
        self.sudo()._cron_check()
        return self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_money_check_action"
        )
