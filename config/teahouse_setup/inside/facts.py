"""Odoo shell script: what the broker, the simulator and ``demo.json`` need to know."""

stores = []
for store in env["teahouse.store"].search([], order="id"):  # noqa: F821
    rooms = [{"id": room.id, "name": room.name} for room in store.room_ids]
    stores.append({"id": store.id, "name": store.name, "rooms": rooms})

devices = []
if "teahouse.device" in env:  # noqa: F821
    for device in env["teahouse.device"].search([], order="id"):  # noqa: F821
        devices.append(
            {
                "uid": device.uid,
                "kind": device.kind,
                "name": device.name,
                "password": device.mqtt_password,
                "store": device.store_id.id,
                "room": device.room_id.id or None,
            }
        )

result({"stores": stores, "devices": devices})  # noqa: F821
