from odoo import Command, fields, models
from odoo.exceptions import UserError


class TeahouseTariffCopy(models.TransientModel):
    """Copy tariffs to other stores; each store's prices then change on their own."""

    _name = "teahouse.tariff.copy"
    _description = "Copy tariffs to stores"

    tariff_ids = fields.Many2many(
        "teahouse.tariff",
        required=True,
        default=lambda self: self.env.context.get("active_ids"),
    )
    store_ids = fields.Many2many("teahouse.store", string="To stores", required=True)
    mode = fields.Selection(
        [
            ("each", "A copy for each store"),
            ("add", "The same tariff, sold in these stores too"),
        ],
        required=True,
        default="each",
        help="Copies are changed one by one later; the same tariff changes for all.",
    )

    def action_copy(self):
        """Make the copies, and show them.

        :raise UserError: a tariff of rooms cannot be sold elsewhere as it is
        """
        self.ensure_one()
        named = self.tariff_ids.filtered("room_ids")
        if named:
            raise UserError(
                self.env._(
                    "%s names rooms; take the rooms out of it first.", named[0].name
                )
            )
        if self.mode == "add":
            found = self._add_stores()
        else:
            found = self._copy_each()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_tariff_action"
        )
        return {**action, "domain": [("id", "in", found.ids)], "context": {}}

    def _add_stores(self):
        for tariff in self.tariff_ids.filtered("store_ids"):
            tariff.store_ids = [Command.link(store.id) for store in self.store_ids]
        return self.tariff_ids

    def _copy_each(self):
        made = self.env["teahouse.tariff"]
        for store in self.store_ids:
            for tariff in self.tariff_ids:
                if store in tariff.store_ids and len(tariff.store_ids) == 1:
                    # The store has this very tariff.
                    continue
                made |= tariff.copy(
                    {
                        "name": tariff.name,
                        "store_ids": [Command.set(store.ids)],
                        "room_type_ids": [Command.set(tariff.room_type_ids.ids)],
                        "previous_id": False,
                    }
                )
        return made
