"""Which devices a gateway looks after: all, or those of its share of the stores."""

from typing import NamedTuple


class Shard(NamedTuple):
    """One of `count` shares; stores belong to the share `id % count`.

    Each share has one active gateway, found by an advisory lock of its own.

    :param str name: of the database, where several share a broker
    """

    index: int = 0
    count: int = 1
    name: str = ""

    def of_device(self, alias="d"):
        """Return the SQL condition on a device's row."""
        if self.count == 1:
            return "TRUE"
        return f"{alias}.store_id % {self.count} = {self.index}"

    def of_command(self, alias="c"):
        """Return the SQL condition on a command's row."""
        if self.count == 1:
            return "TRUE"
        return (
            f"{alias}.device_id IN (SELECT id FROM teahouse_device s"
            f" WHERE s.store_id % {self.count} = {self.index})"
        )

    @property
    def alone(self):
        """Whether all devices at the broker are this gateway's."""
        return self.count == 1 and not self.name

    @property
    def suffix(self):
        """What tells several gateways apart at the broker, empty for a single one."""
        name = f"-{self.name}" if self.name else ""
        return name + (f"-{self.index + 1}of{self.count}" if self.count > 1 else "")


WHOLE = Shard()
