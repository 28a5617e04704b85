"""Write mosquitto's files for a set of devices.

The files hold everything the protocol needs from the broker: one credential per
client, a device that reads only its own commands and writes only its own answers,
and limits that keep one client from hurting the rest. After a change of passwords
or rules, SIGHUP makes mosquitto read them again and drops revoked clients.
"""

import base64
import hashlib
import os
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from . import dynsec

#: PBKDF2 rounds, mosquitto's own default. Device secrets are random, not chosen, and
#: a broker that restarts hashes thousands of them in its only thread.
ROUNDS = 101
SALT_BYTES = 12
USERNAME = re.compile(r"[a-zA-Z0-9_.-]{1,64}")

CONF = """\
# Written by teahouse_iot; changes are overwritten.
per_listener_settings false
listener {port} {host}
{tls}allow_anonymous false
pid_file {folder}/mosquitto.pid
{accounts}{user}persistence {persistence}
persistence_location {folder}/
autosave_interval 30
persistent_client_expiration 1d
# Small packets at once: 40 ms saved on an answer.
set_tcp_nodelay true
# The gateway confirms a batch after its COMMIT: batches may be this long.
max_inflight_messages 1000
max_queued_messages 20000
max_queued_bytes 67108864
max_packet_size 65536
max_keepalive 600
retain_available true
log_dest {log}
log_type error
log_type warning
log_type notice
connection_messages false
"""

FILES = """\
password_file {folder}/passwd
acl_file {folder}/acl
"""
PLUGIN = """\
plugin {plugin}
plugin_opt_config_file {folder}/dynamic-security.json
"""
#: Where distributions put the plugin.
PLUGINS = (
    "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so",
    "/usr/lib/aarch64-linux-gnu/mosquitto_dynamic_security.so",
    "/usr/lib/mosquitto_dynamic_security.so",
    "/usr/lib64/mosquitto_dynamic_security.so",
)

ACL = """\
# Written by teahouse_iot; changes are overwritten.
user {gateway}
topic readwrite #

pattern read th/v1/%u/cmd
pattern write th/v1/%u/ack
pattern write th/v1/%u/st
pattern write th/v1/%u/tele
pattern write th/v1/%u/evt
"""


@dataclass(frozen=True)
class BrokerSettings:
    """Where the broker listens.

    :param str run_as: account mosquitto changes to when started as root
    :param str cafile: with ``certfile`` and ``keyfile``: TLS
    :param str log: mosquitto ``log_dest``: ``stderr``, ``syslog``, ``file /path``
    :param bool dynsec: accounts change at run time by mosquitto's plugin, instead of
        by files and SIGHUP
    """

    port: int = 1883
    host: str = "127.0.0.1"
    gateway: str = "teahouse-gateway"
    persistence: bool = True
    run_as: str | None = None
    cafile: str | None = None
    certfile: str | None = None
    keyfile: str | None = None
    log: str = "stderr"
    dynsec: bool = False


def plugin():
    """Return the path of mosquitto's dynamic security plugin, None without one."""
    return next((path for path in PLUGINS if Path(path).exists()), None)


def password_hash(password):
    """Return mosquitto's PBKDF2-SHA512 hash of a password.

    :rtype: str
    """
    # Text, so that brokers which keep salts as text can use the same hash.
    salt = secrets.token_urlsafe(SALT_BYTES)[:SALT_BYTES].encode()
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    parts = (base64.b64encode(part).decode() for part in (salt, digest))
    return f"$7${ROUNDS}${'$'.join(parts)}"


def write_broker(folder, settings, credentials):
    """Write ``mosquitto.conf`` and the accounts into a folder.

    :param folder: created if need be; passwords only readable by their owner
    :param BrokerSettings settings: where and how the broker listens
    :param dict credentials: username -> password, the gateway's among them
    :return: path of the configuration file
    :rtype: Path
    :raise ValueError: a username the files cannot hold
    """
    folder = Path(folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    tls = ""
    if settings.certfile:
        tls = f"certfile {settings.certfile}\nkeyfile {settings.keyfile}\n"
        tls += f"cafile {settings.cafile}\n" if settings.cafile else ""
    accounts = PLUGIN if settings.dynsec else FILES
    conf = CONF.format(
        folder=folder,
        host=settings.host,
        port=settings.port,
        tls=tls,
        accounts=accounts.format(folder=folder, plugin=plugin()),
        user=f"user {settings.run_as}\n" if settings.run_as else "",
        persistence="true" if settings.persistence else "false",
        log=settings.log,
    )
    if settings.dynsec:
        write_dynsec(folder, settings, credentials)
    else:
        hashes = {name: password_hash(word) for name, word in credentials.items()}
        write_accounts(folder, settings, hashes)
    _write(folder / "mosquitto.conf", conf, settings.run_as)
    if settings.run_as and os.geteuid() == 0:
        shutil.chown(folder, settings.run_as)
    return folder / "mosquitto.conf"


def write_accounts(folder, settings, hashes, rights=None):
    """Write ``passwd`` and ``acl``; SIGHUP makes the broker read them.

    :param dict hashes: username -> :func:`password_hash`
    :param dict rights: username -> (topics it publishes, topics it reads), for
        clients that do not speak the house's own protocol
    :raise ValueError: a username the files cannot hold
    """
    folder = Path(folder)
    for username in hashes:
        if not USERNAME.fullmatch(username):
            raise ValueError(f"Not a username: {username!r}")
    lines = (f"{name}:{word}\n" for name, word in hashes.items())
    acl = ACL.format(gateway=settings.gateway)
    for username, (publishes, reads) in sorted((rights or {}).items()):
        acl += f"\nuser {username}\n"
        acl += "".join(f"topic write {topic}\n" for topic in sorted(publishes))
        acl += "".join(f"topic read {topic}\n" for topic in sorted(reads))
    if "\r" in acl or "\x00" in acl:
        raise ValueError("Not a topic")
    _write(folder / "passwd", "".join(lines), settings.run_as)
    _write(folder / "acl", acl, settings.run_as)


def write_dynsec(folder, settings, credentials):
    """Write the first file of the plugin; the broker itself changes it later.

    :param dict credentials: username -> password, the gateway's among them
    :raise ValueError: a username the file should not hold
    """
    for username in credentials:
        if not USERNAME.fullmatch(username):
            raise ValueError(f"Not a username: {username!r}")
    words = dict(credentials)
    password = words.pop(settings.gateway, "")
    clients = [(name, word, *dynsec.rights(name)) for name, word in words.items()]
    text = dynsec.seed(settings.gateway, password, clients)
    _write(Path(folder) / "dynamic-security.json", text, settings.run_as)


def _write(path, text, owner):
    """Replace a file at once: the broker may read it at any moment."""
    partial = path.with_name(f".{path.name}.new")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    if owner and os.geteuid() == 0:
        shutil.chown(partial, owner)
    partial.replace(path)
