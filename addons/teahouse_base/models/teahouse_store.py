from datetime import UTC
from zoneinfo import ZoneInfo, available_timezones

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.field_encrypted.fields import Encrypted

from ..engine.geo import navigation_links, wgs84_to_gcj02
from ..engine.opening import open_intervals
from ..exceptions import TeahouseError
from ..tools.timeutil import to_aware, to_utc_naive

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

    manager_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
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
    # The same expression as in teahouse_store_search.py.
    _point = models.Index(
        "USING gist (cube(ARRAY["
        "cos(radians(coalesce(latitude, 0)::float8))"
        " * cos(radians(coalesce(longitude, 0)::float8)),"
        " cos(radians(coalesce(latitude, 0)::float8))"
        " * sin(radians(coalesce(longitude, 0)::float8)),"
        " sin(radians(coalesce(latitude, 0)::float8))]))"
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

    @api.constrains("state", "state_reason")
    def _check_state_reason(self):
        for store in self:
            if store.state == "closed" and not store.state_reason:
                raise ValidationError(
                    self.env._("Give the reason why the store is closed.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        stores = super().create(vals_list)
        stores._sync_partner()
        if any("user_ids" in vals for vals in vals_list):
            self._forget_cached_rules()
        return stores

    def write(self, vals):
        team = {s.id: s.user_ids for s in self.sudo()} if "user_ids" in vals else {}
        result = super().write(vals)
        if not {"name", "company_id", "phone", *ADDRESS_FIELDS}.isdisjoint(vals):
            self._sync_partner()
        if "user_ids" in vals:
            self._log_team(team)
            self._forget_cached_rules()
        return result

    def _log_team(self, before):
        """Note who was assigned to the stores or taken from them."""
        for store_sudo in self.sudo():
            old, new = before[store_sudo.id], store_sudo.user_ids
            if old != new:
                detail = {
                    "added": (new - old).mapped("login"),
                    "removed": (old - new).mapped("login"),
                }
                self.env["teahouse.audit"]._log("store.team", store_sudo, detail)

    @api.model
    def _forget_cached_rules(self):
        """Make the record rules look again at who is assigned to which stores."""
        self.env.registry.clear_cache()

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

    def action_geolocate(self):
        """Find the coordinates of the address with Odoo's geolocation."""
        for store in self:
            result = self.env["res.partner"]._geo_localize(
                store.street or "",
                store.zip or "",
                store.city or "",
                store.state_id.name or "",
                store.country_id.name or "",
            )
            if not result:
                raise UserError(
                    self.env._("No place was found for the address of %s.", store.name)
                )
            store.write({"latitude": result[0], "longitude": result[1]})

    def action_open_map(self):
        """Show the store's place on a map."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self._navigation()["amap"],
            "target": "new",
        }

    # Clock

    def _zone(self):
        """Return the ZoneInfo of the store's clock."""
        self.ensure_one()
        return ZoneInfo(self.tz)

    def _local(self, dt_utc):
        """Return a stored instant (naive UTC) on the store's clock, aware."""
        return to_aware(dt_utc, self._zone())

    def _open_intervals(self, start, end):
        """Return when the store is open within ``[start, end)``.

        :param datetime start: naive UTC
        :param datetime end: naive UTC
        :return: sorted disjoint (start, end) pairs, naive UTC
        """
        self.ensure_one()
        if self.open_24h:
            return [(start, end)]
        lines = [
            (int(line.weekday), round(line.hour_from * 60), round(line.hour_to * 60))
            for line in self.opening_ids
        ]
        spans = open_intervals(
            lines, self._zone(), to_aware(start, UTC), to_aware(end, UTC)
        )
        return [(to_utc_naive(opens), to_utc_naive(closes)) for opens, closes in spans]

    # Values for the API. Wi-Fi and the arrival guide are for live bookings only.

    @api.model
    def _api_find(self, store_id):
        """Return a store (sudo) that customers may look at.

        :raise TeahouseError: not_found
        """
        store_sudo = self.sudo().search(
            [("id", "=", store_id), ("state", "in", ("open", "paused"))]
        )
        if not store_sudo:
            raise TeahouseError("not_found", self.env._("There is no such store."))
        return store_sudo

    def _address(self):
        """Return the address in one line, the Chinese way round."""
        self.ensure_one()
        parts = [self.state_id.name, self.city, self.street, self.street2]
        return "".join(part for part in parts if part)

    def _navigation(self):
        """Return links to map applications, by their names."""
        self.ensure_one()
        return navigation_links(
            self.latitude, self.longitude, self.name, self._address()
        )

    def _api_location(self):
        """Return the coordinates, None while nobody entered them."""
        self.ensure_one()
        if not self.latitude and not self.longitude:
            return None
        gcj_lat, gcj_lng = wgs84_to_gcj02(self.latitude, self.longitude)
        return {
            "wgs84": {"lat": self.latitude, "lng": self.longitude},
            "gcj02": {"lat": round(gcj_lat, 7), "lng": round(gcj_lng, 7)},
        }

    def _api_values(self, detail=False):
        """Return the store for customers. Upper addons add to it.

        :param bool detail: the whole page of the store, not an entry of a list
        """
        self.ensure_one()
        store_sudo = self.sudo()
        cover = store_sudo.photo_ids[:1]
        values = {
            "id": store_sudo.id,
            "name": store_sudo.name,
            "address": store_sudo._address(),
            "location": store_sudo._api_location(),
            "distance_m": None,
            "phone": store_sudo.phone or None,
            "state": store_sudo.state,
            "state_reason": store_sudo.state_reason or None,
            "open_24h": store_sudo.open_24h,
            "tz": store_sudo.tz,
            "cover": cover._api_url() if cover else None,
            "facilities": [
                facility._api_values() for facility in store_sudo.facility_ids
            ],
            "room_count": store_sudo.room_count,
        }
        if detail:
            values |= store_sudo._api_page()
        return values

    def _api_page(self):
        """Return what only the page of the store shows."""
        self.ensure_one()
        return {
            "introduction": self.introduction or None,
            "notice": self.notice or None,
            "photos": [photo._api_values() for photo in self.photo_ids],
            "opening": []
            if self.open_24h
            else [line._api_values() for line in self.opening_ids],
            "navigation": self._navigation() if self._api_location() else None,
            "rooms": [room._api_values() for room in self.room_ids],
        }

    def _guest_values(self):
        """Return what only guests with a live booking are told."""
        self.ensure_one()
        store_sudo = self.sudo()
        return {
            "arrival_guide": store_sudo.arrival_guide or "",
            "wifi": {
                "ssid": store_sudo.wifi_ssid or "",
                "password": store_sudo.wifi_password or "",
            },
        }
