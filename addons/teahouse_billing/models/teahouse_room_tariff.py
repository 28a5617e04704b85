import dataclasses
from datetime import timedelta

from odoo import api, models

from odoo.addons.teahouse_base.exceptions import TeahouseError

#: Fields of a room that decide which tariffs it has.
PRICED_BY = {"store_id", "room_type_id", "active", "state"}


class TeahouseRoom(models.Model):
    _inherit = "teahouse.room"

    @api.model_create_multi
    def create(self, vals_list):
        rooms = super().create(vals_list)
        rooms.store_id._refresh_price_from()
        return rooms

    def write(self, vals):
        stores = self.store_id
        result = super().write(vals)
        if PRICED_BY & set(vals):
            (stores | self.store_id)._refresh_price_from()
        return result

    def _tariffs_for(self, start, at=None, member=None):
        """Return what is sold for the room, and the calendar.

        :param start: of the stay, naive UTC
        :param at: instant of the sale, naive UTC; now by default
        :rtype: tuple(engine.Tariffs, engine.Calendar)
        """
        self.ensure_one()
        return self.env["teahouse.tariff"]._sold_for(self, start, at, member)

    def _rules(self):
        """Override of `teahouse_booking`: a metered stay begins and ends any time."""
        rules = super()._rules()
        if self.env.context.get("teahouse_metered"):
            return dataclasses.replace(rules, slot_minutes=1, min_minutes=1)
        return rules

    def _metered_end(self, start):
        """Return until when the room is kept for a stay without an end.

        The time until the next booking less turnover, or the room's longest stay.

        :param start: naive UTC
        :raise TeahouseError: slot_taken, the room is not free at the start
        """
        self.ensure_one()
        longest = start + timedelta(minutes=self.sudo().max_minutes)
        spans = self._free_intervals(start, longest)[self.id]
        if not spans or spans[0][0] > start:
            raise TeahouseError("slot_taken", self.env._("The room is not free now."))
        return min(spans[0][1], longest)

    def action_what_would_it_cost(self):
        """Open the simulator for the room."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_billing.teahouse_tariff_simulator_action"
        )
        action["context"] = {"default_room_id": self.id}
        return action

    def _cheapest_hour(self, at):
        """Return the lowest price of an hour on a day like today, None without one.

        :param at: naive UTC
        """
        tariffs, _calendar = self._tariffs_for(at)
        prices = [band.price for band in tariffs.hourly.bands] if tariffs.hourly else []
        return min(prices, default=None)
