"""What Odoo does not clean up by itself."""


def uninstall_hook(env):
    """Drop what the models made beside their tables, and messages of our template.

    A template that messages still name could not be deleted with the addon.
    """
    env["teahouse.notification"].search(
        [
            "|",
            ("template_id.code", "=like", "device_alarm%"),
            ("template_id.code", "=", "smoke_guests"),
        ]
    ).unlink()
    env.cr.execute(
        """
        DROP VIEW IF EXISTS teahouse_mqtt_acl, teahouse_mqtt_user CASCADE;
        DROP FUNCTION IF EXISTS teahouse_registry_wake() CASCADE;
        DROP TABLE IF EXISTS teahouse_telemetry CASCADE;
        DROP FUNCTION IF EXISTS teahouse_command_wake() CASCADE;
        DROP SEQUENCE IF EXISTS teahouse_device_seq;
        """
    )
