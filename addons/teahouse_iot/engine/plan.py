"""The room plan: what a stay wants of the devices of its room, and when.

Pure: aware or naive datetimes go in and come out unchanged, as long as they are of
one kind. Nothing here knows whether a device exists or can be reached.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

# A warning is worth saying only near its minute; it is never said late.
SAY_LIFE = timedelta(seconds=30)
# Switching off is repeated for this long when a device cannot be reached.
OFF_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Rules:
    """Settings of the store. Minutes unless named otherwise."""

    warnings: tuple = (30, 15, 5)
    power_off_delay: int = 1
    light_off_delay: int = 5
    preheat: int = 0
    overtime_max: int = 120
    cut: bool = True


@dataclass(frozen=True)
class Stay:
    """What the plan needs to know of a booking.

    `limit` is the next booking's start, or None; `goes_on` says that the same guest
    has the room right afterwards, so nothing may be switched off in between.
    `goes_on_until` is the end of that following stay.
    """

    start: datetime
    end: datetime
    in_use: bool
    limit: datetime | None = None
    goes_on: bool = False
    goes_on_until: datetime | None = None


@dataclass(frozen=True)
class Step:
    """One due action: `kinds` are the device kinds it goes to."""

    key: str
    at: datetime
    kinds: tuple
    act: str
    expires: datetime
    guard: str
    args: dict = field(default_factory=dict)


def power_until(stay, rules):
    """Return when a device may switch itself off, were nobody to tell it again."""
    if stay.goes_on and stay.goes_on_until:
        end = stay.goes_on_until
    elif rules.cut:
        end = stay.end
    else:
        end = stay.end + timedelta(minutes=rules.overtime_max)
        if stay.limit:
            end = max(stay.end, min(end, stay.limit))
    return end + timedelta(minutes=rules.power_off_delay)


def light_until(stay, rules):
    """As `power_until`, for the light that shows the way out."""
    return power_until(stay, rules) + timedelta(minutes=rules.light_off_delay)


def off_steps(at, rules):
    """Steps that end a stay whose power goes off at `at`: light follows later."""
    light_at = at + timedelta(minutes=rules.light_off_delay)
    return [
        Step("power_off", at, ("power",), "power", at + OFF_LIFE, "idle"),
        Step("ac_off", at, ("ac",), "ac", at + OFF_LIFE, "idle"),
        Step("light_off", light_at, ("light",), "light", light_at + OFF_LIFE, "idle"),
    ]


def plan(stay, rules, now):
    """Return the steps still ahead of a confirmed or running stay, in order.

    Warnings whose minute has passed are left out. Switching off is planned for a
    `cut` store only: in a `run_on` store the end of use causes it.
    """
    steps = []
    if not stay.in_use:
        at = stay.start - timedelta(minutes=rules.preheat)
        if rules.preheat and now < stay.start:
            steps.append(
                Step("preheat", max(at, now), ("ac",), "ac", stay.start, "booking")
            )
        return steps
    if not stay.goes_on:
        for minutes in sorted(set(rules.warnings), reverse=True):
            at = stay.end - timedelta(minutes=minutes)
            # A stay shorter than the warning needs no warning when it begins.
            if at >= now and at > stay.start:
                steps.append(
                    Step(
                        f"warn_{minutes}",
                        at,
                        ("speaker",),
                        "say",
                        at + SAY_LIFE,
                        "booking",
                        {"minutes": minutes},
                    )
                )
        if rules.cut:
            at = stay.end + timedelta(minutes=rules.power_off_delay)
            steps += off_steps(max(at, now), rules)
    return sorted(steps, key=lambda step: step.at)


def parse_warnings(text):
    """Read a setting such as `30, 15, 5` into minutes before the end.

    :raises ValueError: not a list of whole minutes from 1 to 240
    """
    minutes = [int(part) for part in (text or "").replace("，", ",").split(",") if part]
    if any(not 1 <= value <= 240 for value in minutes):
        raise ValueError(text)
    return tuple(minutes)
