"""Rules of devices without Odoo: the wire protocol, the outbox, the room plan."""
