from odoo import fields, models

from odoo.addons.teahouse_base.api import money_str
from odoo.addons.teahouse_base.exceptions import TeahouseError


class ProductTemplate(models.Model):
    _inherit = "product.template"

    teahouse_goods = fields.Boolean(
        string="Ordered to rooms", help="Guests may order it in the app."
    )
    teahouse_store_ids = fields.Many2many(
        "teahouse.store",
        string="Sold in stores",
        help="All stores of the company where none is named.",
    )


class ProductProduct(models.Model):
    _inherit = "product.product"

    def _goods_of(self, store):
        """Return the goods (sudo) that guests of a store may order."""
        if not store.use_goods:
            return self.sudo().browse()
        return self.sudo().search(
            [
                *self._check_company_domain(store.company_id),
                ("teahouse_goods", "=", True),
                "|",
                ("teahouse_store_ids", "=", False),
                ("teahouse_store_ids", "in", store.ids),
            ],
            order="sequence, id",
        )

    def _api_goods(self, store_id):
        """Return the goods of a store.

        :raise TeahouseError: not_found, no such store
        """
        store = self.env["teahouse.store"].sudo().browse(store_id).exists()
        if not store or store.state == "closed" or not store.active:
            raise TeahouseError("not_found", self.env._("There is no such store."))
        items = [
            {
                "id": product.id,
                "name": product.display_name,
                "description": product.description_sale or None,
                "currency": store.currency_id.name,
                "price": money_str(product.lst_price, store.currency_id),
            }
            for product in self._goods_of(store)
        ]
        return {"items": items}
