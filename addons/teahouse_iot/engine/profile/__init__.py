"""Profiles: devices of other makes, described by data.

Nothing of a profile is ever run. It names topics, pointers into JSON, maps of values
and templates with holes; :mod:`.spec` checks it, :mod:`.device` uses it in both
directions, :mod:`.discovery` reads what Home Assistant's discovery announces.
"""

from .device import ForeignDevice, read
from .discovery import DISCOVERY_FILTERS, Proposal, discover
from .errors import ProfileError
from .spec import TARGETS, Profile, build

__all__ = [
    "DISCOVERY_FILTERS",
    "TARGETS",
    "ForeignDevice",
    "Profile",
    "ProfileError",
    "Proposal",
    "build",
    "discover",
    "read",
]
