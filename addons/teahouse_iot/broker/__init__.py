"""What the broker needs to know, as files and as commands."""

from . import dynsec
from .files import (
    BrokerSettings,
    password_hash,
    plugin,
    write_accounts,
    write_broker,
    write_dynsec,
)

__all__ = [
    "BrokerSettings",
    "dynsec",
    "password_hash",
    "plugin",
    "write_accounts",
    "write_broker",
    "write_dynsec",
]
