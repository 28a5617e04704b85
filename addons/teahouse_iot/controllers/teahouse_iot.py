from odoo.http import request

from odoo.addons.teahouse_base.api import ApiController, Page, api_route

from ..api.schemas import (
    CommandOut,
    DeviceOut,
    DeviceSwitch,
    DoorOpen,
    EnvironmentOut,
    SceneOut,
)


class TeahouseIotApi(ApiController):
    """Doors and devices of a booking."""

    @api_route(
        "/bookings/<string:ref>/door/open",
        methods="POST",
        auth="member",
        request=DoorOpen,
        response=CommandOut,
        status=202,
        idempotency="required",
        summary="Open a door",
        tags=["Devices"],
        errors=["invalid_state", "outside_window", "forbidden", "device_offline"],
    )
    def open_door(self, ref, body):
        """Send an unlock; pressing again while it is under way gives the same."""
        return request.env["teahouse.booking"]._api_open_door(ref, body.door)

    @api_route(
        "/commands/<string:cmd_id>",
        auth="member",
        response=CommandOut,
        summary="State of a command",
        tags=["Devices"],
    )
    def get_command(self, cmd_id):
        """Tell how far a command has come."""
        return request.env["teahouse.command"]._api_get(cmd_id)

    @api_route(
        "/bookings/<string:ref>/devices",
        auth="member",
        response=Page[DeviceOut],
        summary="Devices of the room",
        tags=["Devices"],
    )
    def list_devices(self, ref):
        """List what the guests of a booking may switch."""
        return request.env["teahouse.booking"]._api_devices(ref)

    @api_route(
        "/bookings/<string:ref>/devices/<int:device_id>/commands",
        methods="POST",
        auth="member",
        request=DeviceSwitch,
        response=CommandOut,
        status=202,
        idempotency="optional",
        summary="Switch a device",
        tags=["Devices"],
        errors=["invalid_state", "device_offline"],
    )
    def switch_device(self, ref, device_id, body):
        """Switch a device of the room while it is in use."""
        return request.env["teahouse.booking"]._api_switch(ref, device_id, body)

    @api_route(
        "/bookings/<string:ref>/scenes",
        auth="member",
        response=Page[SceneOut],
        summary="Scenes of the room",
        tags=["Devices"],
    )
    def list_scenes(self, ref):
        """List the scenes that the guests of a booking may choose."""
        return request.env["teahouse.booking"]._api_scenes(ref)

    @api_route(
        "/bookings/<string:ref>/scenes/<int:scene_id>",
        methods="POST",
        auth="member",
        response=Page[CommandOut],
        status=202,
        idempotency="optional",
        summary="Choose a scene",
        tags=["Devices"],
        errors=["invalid_state", "device_offline"],
    )
    def play_scene(self, ref, scene_id):
        """Switch the room's devices as the scene says, while the room is in use."""
        return request.env["teahouse.booking"]._api_play_scene(ref, scene_id)

    @api_route(
        "/bookings/<string:ref>/environment",
        auth="member",
        response=EnvironmentOut,
        summary="Air of the room",
        tags=["Devices"],
    )
    def get_environment(self, ref):
        """Give the latest readings of the room's sensors."""
        return request.env["teahouse.booking"]._api_environment(ref)
