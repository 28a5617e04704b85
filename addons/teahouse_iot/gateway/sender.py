"""From a claimed row to a message: arguments, secrets, signature, language."""

import logging
import time

from ..engine import protocol
from ..engine.profile import ProfileError
from . import outbox
from .link import MAX_INFLIGHT

_logger = logging.getLogger(__name__)

SECRET_ACTS = ("pin_set", "key_set")


class Sender:
    """Publishes claimed commands.

    :param Metrics metrics: counts
    :param Foreign foreign: devices of other makes
    :param effects: answers for secrets, None does without
    :param wall: seconds since the epoch
    """

    def __init__(self, metrics, foreign, effects, wall=time.time):
        self._metrics, self._foreign, self._effects = metrics, foreign, effects
        self._wall = wall
        self._waiting = {}  # command id -> Claimed, until its secret comes

    def send(self, database, link, rows):
        """Publish what was claimed; what needs a secret waits for it."""
        asked = []
        for row in rows:
            self._metrics.count("claimed_total", verdict=row.verdict)
            if row.verdict != "sent":
                continue
            if row.act in SECRET_ACTS or row.signed:
                self._waiting[row.id] = row
                asked.append(row.id)
            else:
                self._publish(database, link, row, row.args)
        if asked and self._effects:
            self._effects.ask(asked)

    def send_secrets(self, database, link, answers):
        """Publish what has waited.

        :param dict answers: {command id: secret arguments and `sig_key`}
        """
        # The right may have been taken away while the models were asked.
        for row_id in outbox.still_sent(database, list(answers)):
            row = self._waiting.pop(row_id, None)
            if not row:
                continue
            args = {key: row.args[key] for key in row.args if key != "key"}
            secret = dict(answers[row_id])
            key = secret.pop("sig_key", None)
            if row.signed and not key:
                # Unsigned it would be refused: asked again with the next try.
                continue
            self._publish(database, link, row, {**args, **secret}, key)

    def forget(self):
        """Let go of what waits too long: it is due again by itself."""
        while len(self._waiting) > MAX_INFLIGHT:
            del self._waiting[next(iter(self._waiting))]

    def _publish(self, database, link, row, args, key=None):
        try:
            topic, payload = self._message(row, args, key)
        except (protocol.ProtocolError, ProfileError) as error:
            _logger.error("Command %s cannot be sent: %s", row.cmd_id, error.code)
            outbox.refuse(database, [row.id])
            return
        expiry = max(1, int(row.life))
        if link and link.publish(topic, payload, expiry=expiry, tag=row.id):
            self._metrics.count("published_total")

    def _message(self, row, args, key):
        if self._foreign.get(row.uid):
            return self._foreign.order(row, args, self._wall())
        payload = protocol.build_cmd(
            row.cmd_id, row.seq, row.boot, row.exp, row.act, args
        )
        if key:
            payload = protocol.sign(bytes.fromhex(key), row.uid, payload)
        return protocol.topic(row.uid, "cmd"), payload
