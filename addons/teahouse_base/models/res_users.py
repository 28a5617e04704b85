from odoo import api, fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    teahouse_store_ids = fields.Many2many(
        "teahouse.store",
        "teahouse_store_users_rel",
        "user_id",
        "store_id",
        string="Stores",
        help="Stores that this user works for.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._teahouse_log_rights()
        if any("teahouse_store_ids" in vals for vals in vals_list):
            self.env["teahouse.store"]._forget_cached_rules()
        return users

    def write(self, vals):
        before = {user.id: user.group_ids for user in self} if _touches(vals) else None
        stores = {}
        if "teahouse_store_ids" in vals:
            stores = {user.id: user.sudo().teahouse_store_ids for user in self}
        working = self.filtered("active")
        result = super().write(vals)
        if vals.get("active") is False:
            self._teahouse_end_sessions()
        if before is not None:
            self._teahouse_log_rights(before)
        if "active" in vals:
            self._teahouse_log_active(working)
        if "teahouse_store_ids" in vals:
            self._teahouse_log_stores(stores)
            self.env["teahouse.store"]._forget_cached_rules()
        return result

    def _set_password(self):
        # Every change of a password passes here, whichever way it comes.
        super()._set_password()
        self._teahouse_end_sessions()

    def _update_last_login(self):
        result = super()._update_last_login()
        if not self.env.user.share:
            self.env["teahouse.audit"]._log("user.login", self.env.user)
        return result

    def _teahouse_end_sessions(self):
        """End the API sessions of these users."""
        self.env["teahouse.session"].sudo().search(
            [("user_id", "in", self.ids), ("revoked_at", "=", False)]
        )._revoke()

    def _teahouse_log_rights(self, before=None):
        """Note the roles that users were given or lost."""
        audit = self.env["teahouse.audit"]
        for user in self.filtered(lambda user: not user.share):
            old = (before or {}).get(user.id, user.group_ids.browse())
            new = user.group_ids
            added, removed = (new - old).sudo(), (old - new).sudo()
            if added or removed:
                detail = {
                    "added": added.mapped("full_name"),
                    "removed": removed.mapped("full_name"),
                }
                audit._log("user.rights", user, detail)

    def _teahouse_log_stores(self, before):
        """Note the stores that users were assigned to or taken from."""
        for user_sudo in self.sudo():
            old, new = before[user_sudo.id], user_sudo.teahouse_store_ids
            if old != new:
                detail = {
                    "added": (new - old).mapped("name"),
                    "removed": (old - new).mapped("name"),
                }
                self.env["teahouse.audit"]._log("user.stores", user_sudo, detail)

    def _teahouse_log_active(self, working):
        """Note which employees come or go.

        :param working: those of them who were active before
        """
        for user in self.filtered(lambda user: not user.share):
            if user.active != (user in working):
                action = "user.activate" if user.active else "user.deactivate"
                self.env["teahouse.audit"]._log(action, user)


def _touches(vals):
    return any(
        key.startswith(("group_ids", "sel_groups_", "in_group_")) for key in vals
    )
