from odoo import api, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

from ..api.schemas import InquiryCreate


class TeahouseWallet(models.Model):
    """A member wants its balance back."""

    _inherit = "teahouse.wallet"

    @api.model
    def _api_ask_payout(self, body):
        """Tell the office that the current member wants the balance back.

        Accountants and the owner pay out, top-up by top-up: the wish comes to them as
        an inquiry, with the amounts of the moment.

        :param body: note
        :raise TeahouseError: invalid_state without money that was paid in, rate_limited
        """
        member = self.env["teahouse.member"]._current()
        wallets = self.sudo().search([("member_id", "=", member.id), ("real", ">", 0)])
        if not wallets:
            raise TeahouseError(
                "invalid_state", self.env._("There is no balance to give back.")
            )
        amounts = [
            self.env._(
                "Balance to give back: %s",
                wallet.currency_id.format(wallet.real),
            )
            for wallet in wallets
        ]
        member_sudo = member.sudo()
        inquiry = InquiryCreate(
            kind="other",
            name=member_sudo.name,
            phone=member_sudo.phone,
            message="\n".join([*amounts, body.note or ""]).strip(),
            store_id=wallets.store_id[:1].id or None,
        )
        return self.env["crm.lead"]._teahouse_inquire(inquiry)
