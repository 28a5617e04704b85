"""Those who only clean start with their rooms, and have one menu for them."""

from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _only_cleans(self):
        """Return whether rooms to clean are all that the user has to do here."""
        self.ensure_one()
        roles = ("staff", "technician", "accountant")
        return self.has_group("teahouse_base.teahouse_base_group_cleaner") and not any(
            self.has_group(f"teahouse_base.teahouse_base_group_{role}")
            for role in roles
        )


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Override of `base`: "My rooms" stands first for those who only clean."""
        hidden = super()._load_menus_blacklist()
        menu = self.env.ref("teahouse_booking.teahouse_my_rooms_menu", False)
        if menu and not self.env.user._only_cleans():
            return [*hidden, menu.id]
        return hidden


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Override of `web`: those who only clean start with their rooms."""
        info = super().session_info()
        user = self.env.user
        if not info.get("home_action_id") and user._is_internal():
            action = self.env.ref("teahouse_booking.teahouse_my_rooms_action", False)
            if action and user._only_cleans():
                info["home_action_id"] = action.id
        return info
