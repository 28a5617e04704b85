import re

from odoo import api, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

# Guessing codes is not worth it: tries in seconds: count.
CODE_LIMITS = ((60, 10), (3600, 40))
# A QR code holds the code alone, or an address that ends in it.
CODE_IN_TEXT = re.compile(r"(?:.*[?&#]code=)?([A-Za-z0-9_-]{3,40})$")


class LoyaltyProgram(models.Model):
    """How members come by coupons themselves."""

    _inherit = "loyalty.program"

    @api.model
    def _api_claimable(self):
        """Return what members, or visitors, may claim now."""
        member = self.env["teahouse.member"]._current()
        found = self.sudo().search(
            [("teahouse_coupon", "=", True), ("coupon_claimable", "=", True)]
        )
        items = []
        for program in found.filtered(lambda one: one._coupon_running(member)):
            left = program.claim_limit - program.claim_count
            mine = program._given_to(member) if member else 0
            items.append(
                {
                    **program._coupon_out(),
                    "id": program.id,
                    "left": max(left, 0) if program.claim_limit else None,
                    "claimed": mine,
                    "claimable": (left > 0 or not program.claim_limit)
                    and (mine < program.member_limit or not program.member_limit)
                    and not (member and program._claim_refusal(member)),
                }
            )
        return {"items": items}

    def _given_to(self, member):
        """Return how many coupons of the program a member has had."""
        self.ensure_one()
        return (
            self.env["loyalty.card"]
            .sudo()
            .search_count(
                [
                    ("program_id", "=", self.id),
                    ("teahouse_member_id", "=", member.id),
                    ("teahouse_state", "!=", "revoked"),
                ]
            )
        )

    def _claim_refusal(self, member):
        """Return why a member cannot have a coupon at all, None if it may."""
        self.ensure_one()
        if self.coupon_tier_ids and member.sudo().tier_id not in self.coupon_tier_ids:
            return self.env._("The coupon is for members of other tiers.")
        if self.coupon_audience == "newcomer" and not member.sudo()._is_newcomer():
            return self.env._("The coupon is for the first stay.")
        return None

    def _claim(self, member):
        """Give a member a coupon that it asks for, within the limits.

        :raise TeahouseError: invalid_state
        :return: the card (sudo)
        """
        self.ensure_one()
        program_sudo = self.sudo()
        if not program_sudo._coupon_running(member):
            self._refuse_claim(self.env._("This coupon is not given out now."))
        if refusal := program_sudo._claim_refusal(member):
            self._refuse_claim(refusal)
        # Two claims of one member come one after the other.
        member._lock_membership()
        limit = program_sudo.member_limit
        if limit and program_sudo._given_to(member) >= limit:
            self._refuse_claim(self.env._("You have this coupon already."))
        program_sudo._count_claim()
        return self.env["loyalty.card"]._issue(program_sudo, member, "claimed")

    def _refuse_claim(self, message):
        raise TeahouseError("invalid_state", message)

    @api.model
    def _api_claim(self, program_id):
        """Claim a coupon for the current member.

        :raise TeahouseError: not_found, invalid_state
        """
        program_sudo = self.sudo().search(
            [
                ("id", "=", program_id),
                ("teahouse_coupon", "=", True),
                ("coupon_claimable", "=", True),
            ]
        )
        if not program_sudo:
            raise TeahouseError("not_found", self.env._("There is no such coupon."))
        member = self.env["teahouse.member"]._current()
        return program_sudo._claim(member)._coupon_values()

    @api.model
    def _api_redeem_code(self, text):
        """Give the current member the coupon of a code, or one by everybody's code.

        :param str text: the code, or what a QR code of it says
        :raise TeahouseError: not_found, invalid_state, rate_limited
        """
        member = self.env["teahouse.member"]._current()
        wait = (
            self.env["teahouse.throttle"]
            .sudo()
            ._hit("coupon code", str(member.id), CODE_LIMITS)
        )
        if wait:
            raise TeahouseError(
                "rate_limited",
                self.env._("Too many codes. Try later."),
                retry_after=wait,
            )
        match = CODE_IN_TEXT.match(text.strip())
        code = match[1].upper() if match else ""
        card_sudo = self.env["loyalty.card"].sudo().search([("code", "=", code)])
        if card_sudo.program_id.teahouse_coupon:
            card_sudo._bind(member)
            return card_sudo._coupon_values()
        program_sudo = self.sudo().search(
            [("teahouse_coupon", "=", True), ("coupon_code", "=ilike", code)], limit=1
        )
        if not code or not program_sudo:
            raise TeahouseError("not_found", self.env._("There is no such code."))
        return program_sudo._claim(member)._coupon_values()


class LoyaltyCard(models.Model):
    _inherit = "loyalty.card"

    def _bind(self, member):
        """Make a coupon that nobody has the member's; asked again nothing happens.

        :raise TeahouseError: invalid_state, not_found for somebody else's
        """
        self.ensure_one()
        if self.teahouse_member_id == member:
            return
        program = self.program_id
        if self.teahouse_member_id:
            raise TeahouseError("not_found", self.env._("There is no such code."))
        if self.teahouse_state != "available":
            program._refuse_claim(self.env._("The coupon is used already."))
        if refusal := program._claim_refusal(member):
            program._refuse_claim(refusal)
        member._lock_membership()
        if program.member_limit and program._given_to(member) >= program.member_limit:
            program._refuse_claim(self.env._("You have this coupon already."))
        # Writing the row makes the second of two phones fail and be replayed.
        self.write(
            {"teahouse_member_id": member.id, "partner_id": member.sudo().partner_id.id}
        )
        self.flush_recordset()
        self._trace("claimed")
