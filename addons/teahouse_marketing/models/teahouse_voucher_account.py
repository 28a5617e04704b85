from odoo import api, fields, models
from odoo.fields import NO_ACCESS

from odoo.addons.field_encrypted.fields import Encrypted

from ..tools.voucher_api import CLIENTS

PLATFORMS = [("meituan", "Meituan"), ("douyin", "Douyin")]


class TeahouseVoucherAccount(models.Model):
    """A shop on a group-buy platform, and how it is spoken to."""

    _name = "teahouse.voucher.account"
    _description = "Shop on a group-buy platform"
    _inherit = ["field.encrypted.mixin"]
    _order = "platform, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    platform = fields.Selection(PLATFORMS, required=True, default="meituan")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    store_ids = fields.Many2many(
        "teahouse.store", string="Stores", check_company=True, help="Empty: all stores."
    )
    shop_number = fields.Char(string="Shop number", required=True)
    app_key = fields.Char(required=True)
    url = fields.Char(
        string="Address", required=True, help="Of the platform, or of a stand-in."
    )
    secret = Encrypted(string="Secret (stored)", groups=NO_ACCESS, copy=False)
    secret_new = fields.Char(
        string="Secret",
        compute="_compute_secret_new",
        inverse="_inverse_secret_new",
        help="Shown to nobody; enter another one to change it.",
    )
    product_ids = fields.One2many("teahouse.voucher.product", "account_id")

    def _compute_secret_new(self):
        for account in self:
            account.secret_new = "********" if account.sudo().secret else False

    def _inverse_secret_new(self):
        for account in self:
            if account.secret_new and account.secret_new.strip("*"):
                account.sudo().secret = account.secret_new

    def _client(self):
        """Return the client of the platform; the one seam that tests replace."""
        self.ensure_one()
        account_sudo = self.sudo()
        return CLIENTS[self.platform](
            account_sudo.url,
            account_sudo.app_key,
            account_sudo.secret or "",
            account_sudo.shop_number,
        )


class TeahouseVoucherProduct(models.Model):
    """What a platform sells, and which stay it stands for."""

    _name = "teahouse.voucher.product"
    _description = "Product of a group-buy platform"
    _order = "account_id, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    account_id = fields.Many2one(
        "teahouse.voucher.account", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Char(
        string="Product number", required=True, help="As the platform names it."
    )
    tariff_id = fields.Many2one(
        "teahouse.tariff",
        string="Package",
        domain="[('kind', '=', 'package'), ('company_id', '=', company_id)]",
        help="The stay lasts as long as this package.",
    )
    minutes = fields.Integer(
        compute="_compute_minutes",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    store_ids = fields.Many2many("teahouse.store", string="Stores")
    room_type_ids = fields.Many2many("teahouse.room.type", string="Room types")

    _number_unique = models.Constraint(
        "UNIQUE(account_id, number)", "This product is mapped already."
    )
    _minutes_positive = models.Constraint("CHECK(minutes > 0)", "A stay has a length.")

    @api.depends("tariff_id.duration_minutes")
    def _compute_minutes(self):
        for product in self:
            product.minutes = product.tariff_id.duration_minutes or product.minutes

    def _fits(self, room):
        """Tell whether the product is sold for a room."""
        self.ensure_one()
        stores, types = self.store_ids or self.account_id.store_ids, self.room_type_ids
        return (not stores or room.store_id in stores) and (
            not types or room.room_type_id in types
        )
