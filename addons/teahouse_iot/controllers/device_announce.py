from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, api_route

from ..api.announce import DeviceAnnounce, DeviceAnnounceOut


class TeahouseDeviceApi(ApiController):
    """The one route that devices call; everything else goes over the broker."""

    @api_route(
        "/devices/announce",
        methods="POST",
        auth="public",
        request=DeviceAnnounce,
        response=DeviceAnnounceOut,
        idempotency=None,
        rate="write",
        summary="Announce a device",
        tags=["Devices"],
        errors=["forbidden"],
    )
    def announce(self, body):
        """Announce a device by its claim code; call again until it is bound."""
        return request.env["teahouse.device.announcement"]._api_announce(
            body, request.httprequest.remote_addr
        )
