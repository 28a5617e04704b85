from . import (
    test_engine_outbox,
    test_engine_plan,
    test_engine_protocol,
    test_device,
    test_command,
    test_access,
    test_door_api,
    test_room_plan,
    test_events,
    test_alarm,
    test_roles,
    test_telemetry,
)
