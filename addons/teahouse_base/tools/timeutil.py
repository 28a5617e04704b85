"""Conversions between stored instants (naive UTC) and aware ones.

Odoo stores instants as naive datetimes in UTC. Rules about clock times work on
aware datetimes in the zone of a store.
"""

from datetime import UTC


def to_utc_naive(aware):
    """Return an aware instant as Odoo stores it.

    :raise ValueError: the instant has no offset; it is never guessed
    """
    if aware.utcoffset() is None:
        raise ValueError("The instant has no time zone.")
    return aware.astimezone(UTC).replace(tzinfo=None)


def to_aware(naive_utc, zone):
    """Return a stored instant as an aware one on the clock of ``zone``."""
    return naive_utc.replace(tzinfo=UTC).astimezone(zone)


def iso(naive_utc, zone=UTC):
    """Return a stored instant as ISO 8601 with offset, None for no instant.

    Whole seconds: what the API gives back can be sent again unchanged.
    """
    if not naive_utc:
        return None
    return to_aware(naive_utc, zone).isoformat(timespec="seconds")
