"""What the gateway knows of its devices beside their rows: topics and accounts."""

import logging

from ..engine.profile import DISCOVERY_FILTERS
from ..engine.protocol import PREFIX
from .foreign import LOAD_SQL, Foreign
from .uplink import TOPICS

_logger = logging.getLogger(__name__)

CHANNEL = "teahouse_registry"
LEAVES = ("ack", "st", "evt", "tele")
BATCH = 500


class Registry:
    """Reads devices and profiles again when they change, and listens accordingly.

    :param Metrics metrics: counts
    :param accounts: keeper of the broker's accounts, None when others do that
    :param clock: monotonic seconds
    """

    def __init__(self, metrics, accounts, clock):
        self.foreign = Foreign(metrics, clock)
        self.accounts = accounts
        self.stale = True
        self._uids = frozenset()
        self._filters = set()  # what the present link has subscribed to

    def link_up(self, link):
        """Subscribe afresh: a session may have been lost."""
        self._filters = set()
        self.stale = True
        if self.accounts:
            self.accounts.link_up(link)

    def load(self, database, shard):
        """Read what there is now."""
        condition = shard.of_device()
        self.foreign.load(database.query(LOAD_SQL.format(shard=f"AND {condition}")))
        if not shard.alone:
            rows = database.query(
                f"SELECT d.uid FROM teahouse_device d WHERE d.active AND {condition}"
            )
            self._uids = frozenset(uid for (uid,) in rows)

    def listen(self, link, shard):
        """Bring the link's subscriptions in line with the devices."""
        wanted = set(self.foreign.topics)
        if shard.alone:
            wanted.update(TOPICS)
        else:
            wanted.update(f"{PREFIX}/{uid}/{x}" for uid in self._uids for x in LEAVES)
        if shard.index == 0:
            wanted.update(DISCOVERY_FILTERS)
        fresh, gone = sorted(wanted - self._filters), sorted(self._filters - wanted)
        for start in range(0, len(fresh), BATCH):
            link.subscribe(*fresh[start : start + BATCH])
        for start in range(0, len(gone), BATCH):
            link.unsubscribe(*gone[start : start + BATCH])
        self._filters = wanted

    def refresh(self, database, link, shard, effects):
        """Do what a change asks for; the link may be None while there is none."""
        self.load(database, shard)
        if link and link.up:
            self.listen(link, shard)
        if self.accounts and shard.index == 0:
            up = link if link and link.up else None
            self.accounts.sync(database, up, effects)
        self.stale = False
