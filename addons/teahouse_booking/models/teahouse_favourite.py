from odoo import api, fields, models
from odoo.tools import SQL


class TeahouseFavourite(models.Model):
    """A store that a member likes."""

    _name = "teahouse.favourite"
    _description = "Favourite store"
    _order = "id desc"

    member_id = fields.Many2one(
        "teahouse.member", required=True, ondelete="cascade", index=True
    )
    store_id = fields.Many2one("teahouse.store", required=True, ondelete="cascade")

    _once = models.Constraint(
        "UNIQUE(member_id, store_id)", "The store is a favourite already."
    )

    @api.model
    def _api_list(self):
        """Return the member's favourite stores."""
        member_sudo = self.env["teahouse.member"]._current()
        found = self.sudo().search([("member_id", "=", member_sudo.id)])
        stores = found.store_id.filtered(lambda store: store.state != "closed")
        return {"items": [store._api_values() for store in stores]}

    @api.model
    def _api_add(self, store_id):
        """Make a store a favourite; again, nothing changes."""
        store_sudo = self.env["teahouse.store"]._api_find(store_id)
        member_sudo = self.env["teahouse.member"]._current()
        self.env.cr.execute(
            SQL(
                """INSERT INTO teahouse_favourite (member_id, store_id)
                   VALUES (%s, %s) ON CONFLICT DO NOTHING""",
                member_sudo.id,
                store_sudo.id,
            )
        )
        return {"store_id": store_sudo.id, "favourite": True}

    @api.model
    def _api_remove(self, store_id):
        """Drop a favourite; again, nothing changes."""
        member_sudo = self.env["teahouse.member"]._current()
        self.sudo().search(
            [("member_id", "=", member_sudo.id), ("store_id", "=", store_id)]
        ).unlink()
        return {"store_id": store_id, "favourite": False}
