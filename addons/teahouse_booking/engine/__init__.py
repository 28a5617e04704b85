"""Rules of booking without Odoo: pure functions on aware datetimes."""

from . import intervals, passes, policy, recurrence, rules
