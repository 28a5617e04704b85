"""The gateway between the outbox in PostgreSQL and the devices behind the broker.

A process of its own. One thread waits on both sockets and does everything that a
guest waits for with plain SQL; what needs Odoo's models runs in a second process
(:mod:`.effects`), after the COMMIT and as often as it takes.
"""
