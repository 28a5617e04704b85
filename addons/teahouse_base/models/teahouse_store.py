from zoneinfo import ZoneInfo, available_timezones

from odoo import api, fields, models

from odoo.addons.field_encrypted.fields import Encrypted

from ..tools.timeutil import to_aware

ADDRESS_FIELDS = ("street", "street2", "city", "state_id", "zip", "country_id")


class TeahouseStore(models.Model):
    _name = "teahouse.store"
    _description = "Store"
    _inherit = ["mail.thread", "field.encrypted.mixin"]
    _order = "sequence, id"
    _check_company_auto = True

    @api.model
    def _tz_selection(self):
        return [(name, name) for name in sorted(available_timezones())]

    name = fields.Char(required=True, tracking=True)
    code = fields.Char(copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        string="Address contact",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The store as an address on documents.",
    )
    state = fields.Selection(
        [("open", "Open"), ("paused", "Paused"), ("closed", "Closed")],
        default="open",
        required=True,
        tracking=True,
        help="A paused store is shown but takes no bookings; a closed one is hidden.",
    )
    state_reason = fields.Char(string="Reason", translate=True, tracking=True)
    tz = fields.Selection(
        "_tz_selection",
        string="Time zone",
        required=True,
        default="Asia/Shanghai",
        help="Rules about dates and clock times follow this clock.",
    )

    street = fields.Char()
    street2 = fields.Char()
    city = fields.Char()
    zip = fields.Char(string="Postal code")
    state_id = fields.Many2one(
        "res.country.state",
        string="Province",
        domain="[('country_id', '=?', country_id)]",
    )
    country_id = fields.Many2one(
        "res.country", default=lambda self: self.env.company.country_id
    )
    latitude = fields.Float(digits=(10, 7), help="WGS-84, degrees north.")
    longitude = fields.Float(digits=(10, 7), help="WGS-84, degrees east.")
    phone = fields.Char(string="Contact phone")

    introduction = fields.Text(translate=True)
    notice = fields.Text(translate=True, help="Shown on top of the store's page.")
    arrival_guide = fields.Text(
        translate=True, help="Shown only to guests with a live booking."
    )
    wifi_ssid = fields.Char(
        string="Wi-Fi name", groups="teahouse_base.teahouse_base_group_staff"
    )
    wifi_password = Encrypted(
        string="Wi-Fi password", groups="teahouse_base.teahouse_base_group_staff"
    )
    facility_ids = fields.Many2many("teahouse.facility", string="Facilities")
    open_24h = fields.Boolean(string="Open 24 hours", default=True)
    opening_ids = fields.One2many(
        "teahouse.store.opening", "store_id", string="Opening hours", copy=True
    )

    manager_id = fields.Many2one(
        "res.users", string="Manager", domain="[('share', '=', False)]"
    )
    user_ids = fields.Many2many(
        "res.users",
        "teahouse_store_users_rel",
        "store_id",
        "user_id",
        string="Assigned users",
        domain="[('share', '=', False)]",
        help="Managers, staff, cleaners and technicians see the stores they are "
        "assigned to.",
    )
    room_ids = fields.One2many("teahouse.room", "store_id", string="Rooms")
    room_count = fields.Integer(compute="_compute_room_count")
    photo_ids = fields.One2many("teahouse.photo", "store_id", string="Photos")

    _code_unique = models.UniqueIndex(
        "(company_id, code) WHERE code IS NOT NULL",
        "Another store of this company has the same code.",
    )
    _coordinates_valid = models.Constraint(
        "CHECK(latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180)",
        "These coordinates lie outside of the earth.",
    )

    @api.depends("room_ids")
    def _compute_room_count(self):
        counts = dict(
            self.env["teahouse.room"]._read_group(
                [("store_id", "in", self.ids)], ["store_id"], ["__count"]
            )
        )
        for store in self:
            store.room_count = counts.get(store, 0)

    @api.model_create_multi
    def create(self, vals_list):
        stores = super().create(vals_list)
        stores._sync_partner()
        return stores

    def write(self, vals):
        result = super().write(vals)
        if not {"name", "company_id", "phone", *ADDRESS_FIELDS}.isdisjoint(vals):
            self._sync_partner()
        return result

    def _sync_partner(self):
        """Keep the address contact equal to the store."""
        for store_sudo in self.sudo():
            vals = {
                "name": store_sudo.name,
                "phone": store_sudo.phone,
                "company_id": store_sudo.company_id.id,
                "street": store_sudo.street,
                "street2": store_sudo.street2,
                "city": store_sudo.city,
                "zip": store_sudo.zip,
                "state_id": store_sudo.state_id.id,
                "country_id": store_sudo.country_id.id,
                "partner_latitude": store_sudo.latitude,
                "partner_longitude": store_sudo.longitude,
            }
            if store_sudo.partner_id:
                store_sudo.partner_id.write(vals)
            else:
                store_sudo.partner_id = self.env["res.partner"].sudo().create(vals)

    def action_open_rooms(self):
        """Open the list of the store's rooms."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "teahouse_base.teahouse_room_action"
        )
        action["domain"] = [("store_id", "=", self.id)]
        action["context"] = {"default_store_id": self.id}
        return action

    def _zone(self):
        """Return the ZoneInfo of the store's clock."""
        self.ensure_one()
        return ZoneInfo(self.tz)

    def _local(self, dt_utc):
        """Return a stored instant (naive UTC) on the store's clock, aware."""
        return to_aware(dt_utc, self._zone())
