"""What this addon knows about a member: told on request, forgotten on request."""

from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.teahouse_base.tools.timeutil import iso

KEEP_DAYS = 365


class TeahouseMember(models.Model):
    _inherit = "teahouse.member"

    def _export(self):
        """Override: which doors were opened, and which rights there were."""
        mine = [("member_id", "=", self.id)]
        grants_sudo = self.env["teahouse.grant"].sudo().search(mine)
        return {
            **super()._export(),
            "access_log": [
                {
                    "at": iso(line.at, line.store_id._zone()),
                    "store": line.store_id.name,
                    "room": line.room_id.name or None,
                    "method": line.method,
                    "result": line.result,
                }
                for line in self.env["teahouse.access.log"].sudo().search(mine)
            ],
            "access_rights": [
                {
                    "booking": grant.booking_id.ref or None,
                    "store": grant.store_id.name,
                    "room": grant.room_id.name or None,
                    "state": grant.state,
                    "from": iso(grant.valid_from, grant.store_id._zone()),
                    "to": iso(grant.valid_to, grant.store_id._zone()),
                }
                for grant in grants_sudo
            ],
        }

    def _forget(self, member_sudo):
        """Override: that doors were opened stays known, and by whom no more."""
        env, mine = member_sudo.env, [("member_id", "=", member_sudo.id)]
        grants = env["teahouse.grant"].search(mine)
        # A right that is still there goes first, from the locks too.
        grants.filtered(lambda grant: grant.state == "active")._revoke()
        grants.write({"pin": False, "holder": False, "member_id": False})
        env["teahouse.access.log"].search(mine).write({"member_id": False})
        env["teahouse.command"].search(mine).write({"member_id": False})
        # A greeting holds the nickname.
        env["teahouse.command"].search(
            [
                ("act", "=", "say"),
                ("plan_key", "=", "welcome"),
                ("state", "not in", ("queued", "sent")),
                "|",
                ("booking_id.member_id", "=", member_sudo.id),
                ("booking_id.participant_ids.member_id", "=", member_sudo.id),
            ]
        ).write({"args": {"text": ""}})
        return super()._forget(member_sudo)


class TeahouseAccessLog(models.Model):
    _inherit = "teahouse.access.log"

    @api.autovacuum
    def _gc_old(self):
        """Remove what is older than the setting says (days, 0 keeps all)."""
        params = self.env["ir.config_parameter"].sudo()
        days = int(params.get_param("teahouse_iot.access_log_keep_days", KEEP_DAYS))
        if not days:
            return
        limit = fields.Datetime.now() - timedelta(days=days)
        self.sudo().search([("at", "<", limit)], limit=10000).unlink()


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    teahouse_access_log_keep_days = fields.Integer(
        string="Days to keep the access log",
        default=KEEP_DAYS,
        config_parameter="teahouse_iot.access_log_keep_days",
    )
