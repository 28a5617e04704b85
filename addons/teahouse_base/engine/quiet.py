"""Quiet hours: when a message may reach somebody on the own clock."""

from datetime import timedelta


def end_of_quiet(local, quiet_from, quiet_to):
    """Return the instant at which a message may be sent.

    :param datetime local: aware, on the clock of the recipient
    :param float quiet_from: hours, such as 22.0; quiet hours may cross midnight
    :param float quiet_to: hours; equal to ``quiet_from``: never quiet
    :return: ``local`` itself outside of quiet hours, else their end
    """
    start, end = round(quiet_from * 60), round(quiet_to * 60)
    minute = local.hour * 60 + local.minute
    crosses = end < start
    quiet = minute >= start or minute < end if crosses else start <= minute < end
    if start == end or not quiet:
        return local
    day = local.date()
    if crosses and minute >= start:
        day += timedelta(days=1)
    return local.replace(
        year=day.year,
        month=day.month,
        day=day.day,
        hour=end // 60,
        minute=end % 60,
        second=0,
        microsecond=0,
    )
