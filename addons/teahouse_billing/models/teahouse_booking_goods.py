from odoo import models

from odoo.addons.teahouse_base.exceptions import TeahouseError


class TeahouseBooking(models.Model):
    _inherit = "teahouse.booking"

    def _order_goods(self, quantities):
        """Charge goods that are ordered to the room; they are paid with the stay.

        :param dict quantities: product id -> whole pieces
        :return: the charge lines
        :raise TeahouseError: invalid_state outside of a stay, invalid_request for
            goods that this store does not offer
        """
        self.ensure_one()
        self._lock_money()
        if self.state not in ("confirmed", "in_use") or self.settled_at:
            raise TeahouseError(
                "invalid_state", self.env._("Goods can be ordered during a stay only.")
            )
        goods = self.env["product.product"]._goods_of(self.store_id)
        if missing := set(quantities) - set(goods.ids):
            message = self.env._("This store does not offer the goods %s.", missing)
            raise TeahouseError(
                "invalid_request", message, [{"field": "lines", "message": message}]
            )
        return self.env["teahouse.charge.line"].create(
            [
                {
                    "booking_id": self.id,
                    "kind": "goods",
                    "name": product.display_name,
                    "product_id": product.id,
                    "quantity": quantities[product.id],
                    "unit_price": product.lst_price,
                    "amount": self.currency_id.round(
                        product.lst_price * quantities[product.id]
                    ),
                    "sequence": 50,
                }
                for product in goods
                if product.id in quantities
            ]
        )

    def _api_order_goods(self, ref, body):
        """Order goods to the room of the current member's booking.

        :param body: has ``lines`` of ``id`` and ``quantity``
        :return: the bill
        """
        booking_sudo = self._api_own(ref)
        quantities = {}
        for line in body.lines:
            quantities[line.id] = quantities.get(line.id, 0) + line.quantity
        booking_sudo._order_goods(quantities)
        return booking_sudo._bill_values()
