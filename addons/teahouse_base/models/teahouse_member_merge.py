"""Two members that proved to be one person become one."""

import secrets

from odoo import SUPERUSER_ID, fields, models
from odoo.tools import SQL

from ..exceptions import TeahouseError

# The more a state forbids, the later it stands.
STRICTNESS = ("approved", "pending", "rejected", "blocked")


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    merged_into_id = fields.Many2one(
        "teahouse.member", readonly=True, copy=False, index="btree_not_null"
    )

    def _merge(self, target):
        """Make this member a part of another; the caller has the proof.

        The sessions of this member end. A second call does nothing.

        :param target: the member (sudo) that stays
        :raise TeahouseError: invalid_state, one of them is gone
        """
        self.ensure_one()
        both = (self | target).with_user(SUPERUSER_ID).sudo()
        both._hold()
        member_sudo = both.filtered(lambda member: member.id == self.id)
        target_sudo = both.filtered(lambda member: member.id == target.id)
        if member_sudo.merged_into_id == target_sudo or member_sudo == target_sudo:
            return
        if not (member_sudo.active and target_sudo.active):
            raise TeahouseError(
                "invalid_state", self.env._("This membership was closed.")
            )
        member_sudo._check_can_merge_into(target_sudo)
        member_sudo._merge_into(target_sudo)
        audit = self.env["teahouse.audit"]
        audit._log("member.merge", member_sudo, {"into": target_sudo.id})
        audit._log("member.merge", target_sudo, {"from": member_sudo.id})
        self.env["teahouse.notification"]._notify(
            target_sudo, "member_merged", {}, event_key=f"member-merged-{self.id}"
        )

    def _hold(self):
        """Let one transaction at a time decide about these members.

        A write, not a lock alone: of two that come at once the second one is
        replayed, and looks again at what the first one left.
        """
        # In the order of ids, so that two merges do not wait for each other.
        for member in self.sorted("id"):
            self.env.cr.execute(
                "UPDATE teahouse_member SET write_date = write_date WHERE id = %s",
                (member.id,),
            )

    def _check_can_merge_into(self, target):
        """Refuse a merge while something forbids it. Upper addons add reasons.

        :raise TeahouseError: invalid_state
        """

    def _hand_over(self, target, *models):
        """Write another member where rows of some models name this (one) member.

        Past the ORM, whose computed fields would also rewrite history: who was
        invoiced, who was let in.

        :param models: names of models with a stored field ``member_id``
        """
        self.env.flush_all()
        for model in models:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET member_id = %s WHERE member_id = %s",
                    SQL.identifier(self.env[model]._table),
                    target.id,
                    self.id,
                )
            )
        self.env.invalidate_all()

    def _merge_into(self, target):
        """Hook: move what belongs to this (one) member to another.

        Upper addons move bookings, cards and money, and call super. Both are in an
        environment that may change anything, their rows locked. What forbids a
        member something moves as well: a merge is no way out of a blacklist.
        """
        self.ensure_one()
        self._revoke_sessions()
        self.identity_ids.member_id = target
        self.with_context(active_test=False).blacklist_ids.member_id = target
        for model in ("teahouse.notification", "teahouse.upload"):
            self.env[model].search([("member_id", "=", self.id)]).member_id = target
        vals = {}
        if STRICTNESS.index(self.state) > STRICTNESS.index(target.state):
            vals |= {"state": self.state, "state_reason": self.state_reason}
        phone = self.phone
        self.write({"phone": False, "merged_into_id": target.id, "active": False})
        self.flush_recordset()
        if phone and not target.phone:
            vals["phone"] = phone
        for name in ("birthday", "gender", "avatar"):
            if self[name] and not target[name]:
                vals[name] = self[name]
        if self.consent_at and self.consent_at > (
            target.consent_at or fields.Datetime.from_string("1970-01-01 00:00:00")
        ):
            vals |= {
                "consent_version": self.consent_version,
                "consent_at": self.consent_at,
            }
        if vals:
            target.write(vals)
        self.user_id.write({"password": secrets.token_urlsafe(32), "active": False})

    def _forget(self, member_sudo):
        """Override: who was merged into a member is forgotten with it."""
        super()._forget(member_sudo)
        merged_sudo = member_sudo.with_context(active_test=False).search(
            [("merged_into_id", "=", member_sudo.id)]
        )
        for part_sudo in merged_sudo:
            part_sudo._forget(part_sudo)
