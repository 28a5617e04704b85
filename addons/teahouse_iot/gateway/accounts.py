"""Accounts at the broker, kept as the database has them while everything runs.

The database says which clients there are and how new their credential is
(`credential_seq`); what the broker has taken over is written back
(`credential_done`). A client that is not wanted any more is removed, which cuts it.
"""

import json
import logging
import os
import signal
from pathlib import Path
from typing import NamedTuple

from ..broker import BrokerSettings, dynsec, write_accounts
from ..engine.profile import ForeignDevice, ProfileError
from .foreign import build, values_of

_logger = logging.getLogger(__name__)

BATCH = 50
#: Announcements by discovery: a bridge makes them for its devices.
DISCOVERY = "homeassistant/#"
LOAD_SQL = """
SELECT d.uid, d.credential_seq, d.credential_done, d.mqtt_hash, NULL,
       CASE WHEN NOT COALESCE(p.native, TRUE) THEN p.definition END,
       d.ref, d.profile_values
  FROM teahouse_device d
  LEFT JOIN teahouse_device_profile p ON p.id = d.profile_id
 WHERE d.active AND NOT COALESCE(d.revoked, FALSE) AND d.bridge_id IS NULL
   AND d.mqtt_hash IS NOT NULL
 UNION ALL
SELECT username, credential_seq, credential_done, mqtt_hash, prefix, NULL, NULL, NULL
  FROM teahouse_broker_bridge WHERE active AND mqtt_hash IS NOT NULL
"""
DONE_SQL = (
    """
UPDATE teahouse_device d SET credential_done = v.seq
  FROM (VALUES %s) v(username, seq)
 WHERE d.uid = v.username AND d.credential_done IS DISTINCT FROM v.seq
""",
    """
UPDATE teahouse_broker_bridge b SET credential_done = v.seq
  FROM (VALUES %s) v(username, seq)
 WHERE b.username = v.username AND b.credential_done IS DISTINCT FROM v.seq
""",
)
GONE_SQL = """
UPDATE teahouse_device SET credential_done = credential_seq
 WHERE uid = ANY(%s) AND (revoked OR NOT active)
   AND credential_done IS DISTINCT FROM credential_seq
"""
REVOKED_SQL = """
SELECT uid FROM teahouse_device
 WHERE revoked AND credential_done IS DISTINCT FROM credential_seq
"""


class Account(NamedTuple):
    """A client that the broker is to know."""

    username: str
    seq: int
    done: int
    hash: str
    publishes: tuple
    reads: tuple
    native: bool


def load(database):
    """Return the accounts the database wants: {username: Account}."""
    found = {}
    for name, seq, done, word, prefix, definition, ref, values in database.query(
        LOAD_SQL
    ):
        try:
            publishes, reads = _rights(name, prefix, definition, ref, values)
        except ProfileError as error:
            _logger.warning("No rights for %s: %s", name, error)
            continue
        native = not (prefix or definition)
        found[name] = Account(
            name, seq, done, word, tuple(publishes), tuple(reads), native
        )
    return found


def _rights(name, prefix, definition, ref, values):
    if prefix:
        return [f"{prefix}/#", DISCOVERY], [f"{prefix}/#"]
    if definition:
        device = ForeignDevice(name, ref, build(definition), values_of(values))
        return sorted(device.topics), sorted(device.command_topics)
    return dynsec.rights(name)


def note(database, accounts):
    """Write back what the broker has taken over."""
    rows = [(account.username, account.seq) for account in accounts]
    if rows:
        for sql in DONE_SQL:
            database.values(sql, rows)


class FileAccounts:
    """Keeps mosquitto's files, and has them read again by SIGHUP.

    :param folder: where ``passwd`` and ``acl`` are
    :param str gateway: the gateway's user name
    :param str gateway_hash: its line of the password file
    :param pid_file: of the broker; by default the one beside the files
    """

    def __init__(self, folder, gateway, gateway_hash, pid_file=None):
        self._folder = Path(folder)
        self._pid_file = Path(pid_file or self._folder / "mosquitto.pid")
        self._settings = BrokerSettings(gateway=gateway)
        self._own = {gateway: gateway_hash}
        self._written = None

    def link_up(self, link):
        """Nothing to ask: the files are the truth."""

    def heard(self, message):
        """Nothing is said about files."""
        return False

    def credentials(self, link, found):
        """Passwords are not needed: the hashes are in the database."""

    #: Nothing has to be written back later.
    pending = False

    def sync(self, database, link, effects):
        """Write the files when something changed."""
        wanted = load(database)
        state = sorted(account[:2] + account[3:6] for account in wanted.values())
        if state == self._written:
            return
        hashes = {**self._own, **{a.username: a.hash for a in wanted.values()}}
        rights = {
            a.username: (a.publishes, a.reads) for a in wanted.values() if not a.native
        }
        owner = self._folder.stat()
        write_accounts(self._folder, self._settings, hashes, rights)
        if os.geteuid() == 0:
            for name in ("passwd", "acl"):
                os.chown(self._folder / name, owner.st_uid, owner.st_gid)
        self._reload()
        self._written = state
        note(database, wanted.values())
        revoked = [uid for (uid,) in database.query(REVOKED_SQL)]
        if revoked:
            database.query(GONE_SQL, (revoked,))

    def _reload(self):
        try:
            os.kill(int(self._pid_file.read_text()), signal.SIGHUP)
        except (OSError, ValueError) as error:
            _logger.warning("Broker could not be told: %s", type(error).__name__)


class DynsecAccounts:
    """Keeps the accounts of a running mosquitto by its control topic.

    :param str scope: name of the database: other databases' clients stay alone
    """

    def __init__(self, scope):
        self._scope = scope
        self._known = None  # usernames the broker has; None until it has said so
        self._asked = {}  # username -> seq, password asked for
        self._sent = {}  # username -> Account, made at the broker, not confirmed yet
        self._wanted = {}
        self._confirmed = []
        self._removed = []
        self._news = False

    def link_up(self, link):
        """Ask what there is: a broker may have lost its file."""
        self._known = None
        self._asked.clear()
        self._sent.clear()
        link.subscribe(dynsec.RESPONSE)
        self._send(link, [{"command": "listRoles", "verbose": False}])

    @staticmethod
    def _send(link, commands):
        for start in range(0, len(commands), BATCH):
            batch = {"commands": commands[start : start + BATCH]}
            link.publish(dynsec.CONTROL, json.dumps(batch).encode())

    def heard(self, message):
        """Take an answer of the broker; tell whether it was one."""
        if message.topic != dynsec.RESPONSE:
            return False
        try:
            answers = json.loads(message.payload)["responses"]
        except (ValueError, KeyError, TypeError):
            return True
        for answer in answers:
            self._answer(answer)
        return True

    def _answer(self, answer):
        command, subject = answer.get("command"), answer.get("correlationData", "")
        if command == "listRoles" and "data" in answer:
            names = answer["data"].get("roles", [])
            prefix = dynsec.role_prefix(self._scope)
            self._known = {n[len(prefix) :] for n in names if n.startswith(prefix)}
            self._news = True
        elif command == "createClient":
            account = self._sent.pop(subject, None)
            if answer.get("error"):
                _logger.error("Broker refuses %s: %s", subject, answer["error"])
            elif account:
                self._known.add(subject)
                self._confirmed.append(account)
        elif command == "deleteClient" and subject.startswith("-"):
            self._removed.append(subject[1:])

    def sync(self, database, link, effects):
        """Send what differs; passwords are asked of the models."""
        self._news = False
        self._note(database)
        if not link or self._known is None:
            return
        wanted = self._wanted = load(database)
        gone = self._known - set(wanted)
        for (uid,) in database.query(REVOKED_SQL):
            # Revoked before the broker ever knew it: said all the same.
            gone.add(uid)
        for username in gone:
            self._send(link, dynsec.delete(self._scope, username))
        self._known -= gone
        fresh = [
            account.username
            for account in wanted.values()
            if (account.username not in self._known or account.seq != account.done)
            and self._sent.get(account.username) != account
            and self._asked.get(account.username) != account.seq
        ]
        if fresh and effects and effects.ask_credentials(fresh):
            self._asked.update((name, wanted[name].seq) for name in fresh)

    def credentials(self, link, found):
        """Make the clients whose passwords have come.

        :param dict found: {username: password}
        """
        commands = []
        for username, password in found.items():
            self._asked.pop(username, None)
            account = self._wanted.get(username)
            if account and link and self._known is not None:
                commands += dynsec.create(
                    self._scope, username, password, account.publishes, account.reads
                )
                self._sent[username] = account
        if commands:
            self._send(link, commands)

    def _note(self, database):
        confirmed, self._confirmed = self._confirmed, []
        note(database, confirmed)
        removed, self._removed = self._removed, []
        if removed:
            database.query(GONE_SQL, (removed,))

    @property
    def pending(self):
        """Tell whether the broker's answers call for another look."""
        return bool(self._news or self._confirmed or self._removed)
