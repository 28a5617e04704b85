"""Small helpers of the models."""

from datetime import UTC, datetime, timedelta

from odoo.tools import SQL


def db_clock(env):
    """Return PostgreSQL's present time, naive UTC.

    The gateway decides by the same clock, so a skewed application server can
    neither lengthen nor shorten the life of a command.
    """
    [(now,)] = env.execute_query(SQL("SELECT clock_timestamp() AT TIME ZONE 'UTC'"))
    return now


def db_now(env):
    """Return PostgreSQL's present time, naive UTC, whole seconds."""
    return db_clock(env).replace(microsecond=0)


def epoch(naive_utc):
    """Return a stored instant as the protocol's integer UTC seconds."""
    return int(naive_utc.replace(tzinfo=UTC).timestamp())


def from_epoch(number):
    """Return the protocol's UTC seconds as a stored instant, naive UTC."""
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None)


def seconds(number):
    """Return a timedelta; reads better than the constructor in long rows."""
    return timedelta(seconds=number)
