"""What this addon knows about a member: told on request, forgotten on request."""

from odoo import models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _export(self):
        """Override: tier, points with their history, coupons, inquiries."""
        member_sudo = self.sudo()
        cards_sudo = self._all_cards()
        return {
            **super()._export(),
            "membership": {
                "tier": member_sudo.tier_id.name or None,
                "growth": member_sudo.growth,
                "points": int(self._points_card().points),
            },
            "cards": [
                {
                    "program": card.program_id.name,
                    "code": card.code,
                    "points": card.points,
                    "expires": card.expiration_date
                    and card.expiration_date.isoformat(),
                }
                for card in cards_sudo
            ],
            "points_history": [
                {
                    "at": self._iso(line.create_date),
                    "program": line.card_id.program_id.name,
                    "description": line.description or "",
                    "issued": line.issued,
                    "used": line.used,
                }
                for line in cards_sudo.history_ids
            ],
            "inquiries": [
                {"subject": lead.name, "message": str(lead.description or "")}
                for lead in self._inquiries()
            ],
        }

    def _check_can_erase(self):
        """Override of `teahouse_base`: money that is owed is paid out first."""
        super()._check_can_erase()
        wallets = self.env["teahouse.wallet"].sudo()
        if wallets.search_count(
            [("member_id", "in", self.ids), ("real", ">", 0)], limit=1
        ):
            raise TeahouseError(
                "invalid_state", self.env._("The balance is paid out first.")
            )

    def _all_cards(self):
        cards_sudo = self.env["loyalty.card"].sudo().with_context(active_test=False)
        return cards_sudo.search([("partner_id", "=", self.sudo().partner_id.id)])

    def _inquiries(self):
        """Return the leads (sudo) of the member, by contact or by phone."""
        leads_sudo = self.env["crm.lead"].sudo().with_context(active_test=False)
        domain = [("partner_id", "=", self.sudo().partner_id.id)]
        if phone := self.sudo().phone:
            inquiries_sudo = self.env["teahouse.inquiry"].sudo()
            asked = inquiries_sudo.search([("phone", "=", phone)]).lead_id
            domain = ["|", "|", ("id", "in", asked.ids), ("phone", "=", phone), *domain]
        return leads_sudo.search(domain)

    def _forget(self, member_sudo):
        """Override: points stay in their history, inquiries lose the person."""
        for lead in member_sudo._inquiries():
            lead.message_ids.unlink()
            lead.teahouse_inquiry_ids.unlink()
            lead.write(
                {
                    "name": "-",
                    "contact_name": False,
                    "partner_name": False,
                    "phone": False,
                    "email_from": False,
                    "description": False,
                }
            )
        member_sudo._all_cards().write({"active": False})
        return super()._forget(member_sudo)
