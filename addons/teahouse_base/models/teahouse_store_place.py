from odoo import api, models
from odoo.exceptions import UserError

from ..engine.geo import navigation_links, parse_place, wgs84_to_bd09, wgs84_to_gcj02
from ..tools.maps import ATTRIBUTION, TILES

SYSTEMS = ("wgs84", "gcj02", "bd09")


class TeahouseStore(models.Model):
    """Coordinates as people have them: copied from a map page."""

    _inherit = "teahouse.store"

    @api.model
    @api.readonly
    def read_place(self, text, system):
        """Return the place that somebody copied from a map (for the form).

        :param str text: two numbers, such as ``30.25,120.17``
        :param str system: wgs84, gcj02 or bd09
        :return: latitude and longitude in WGS-84
        :rtype: dict
        """
        self.check_access("read")
        try:
            lat, lng = parse_place(str(text)[:100], system)
        except ValueError as error:
            raise UserError(
                self.env._("These are no coordinates: latitude, longitude.")
            ) from error
        return {"latitude": round(lat, 7), "longitude": round(lng, 7)}

    @api.model
    @api.readonly
    def show_place(self, latitude, longitude, name=""):
        """Return a place for the form: in all systems, with links to maps.

        :param float latitude: WGS-84
        :param float longitude: WGS-84
        :rtype: dict
        """
        self.check_access("read")
        point = float(latitude), float(longitude)
        points = {
            "wgs84": point,
            "gcj02": wgs84_to_gcj02(*point),
            "bd09": wgs84_to_bd09(*point),
        }
        return {
            "points": {
                system: f"{points[system][0]:.6f}, {points[system][1]:.6f}"
                for system in SYSTEMS
            },
            "links": navigation_links(*point, str(name or "")[:64]),
        }

    @api.model
    @api.readonly
    def map_tiles(self):
        """Return where the pictures of maps come from, and in which system they are.

        :return: address (empty: no pictures), system, attribution
        :rtype: dict
        """
        self.check_access("read")
        params = self.env["ir.config_parameter"].sudo()
        system = params.get_param("teahouse_base.map_system", "wgs84")
        return {
            "address": params.get_param("teahouse_base.map_tiles", TILES),
            "system": system if system in SYSTEMS else "wgs84",
            "attribution": params.get_param(
                "teahouse_base.map_attribution", ATTRIBUTION
            ),
        }
