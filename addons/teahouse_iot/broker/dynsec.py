"""mosquitto's dynamic security: accounts that change while the broker runs.

Commands go to a control topic that only the gateway may use; the broker keeps what
they made in a file of its own. Roles of mosquitto 2.0.11 do not substitute `%u`, so
every client has a role of its own, named after it.
"""

import base64
import hashlib
import json
import secrets

CONTROL = "$CONTROL/dynamic-security/v1"
RESPONSE = f"{CONTROL}/response"
#: Clients of the first file belong to nobody's database: gateways leave them alone.
FIRST = "-"
LEAVES = ("ack", "st", "tele", "evt")
ROUNDS = 101


def rights(username):
    """Return (topics it publishes, topics it reads) of a device of our protocol."""
    base = f"th/v1/{username}"
    return [f"{base}/{leaf}" for leaf in LEAVES], [f"{base}/cmd"]


def role_prefix(scope):
    """Return how the roles begin that a database's gateway makes and removes."""
    return f"teahouse/{scope}/"


def role(scope, username, publishes, reads):
    """Return a client's role: what it may publish, and subscribe to and receive.

    Topics that end in `#` are branches.

    :param str scope: name of the database, so that several can share a broker
    """
    acls = [_acl("publishClientSend", topic) for topic in publishes]
    for topic in reads:
        kind = "subscribePattern" if topic.endswith("#") else "subscribeLiteral"
        acls += [_acl(kind, topic), _acl("publishClientReceive", topic)]
    return {"rolename": role_prefix(scope) + username, "acls": acls}


def _acl(kind, topic):
    return {"acltype": kind, "topic": topic, "priority": 0, "allow": True}


def create(scope, username, password, publishes, reads):
    """Return the commands that make a client, whatever there was of it before.

    Deleting it first cuts a connection that still uses the former credential.
    """
    made = role(scope, username, publishes, reads)
    return [
        *delete(scope, username),
        {"command": "createRole", **made},
        {
            "command": "createClient",
            "username": username,
            "password": password,
            "roles": [{"rolename": made["rolename"]}],
            "correlationData": username,
        },
    ]


def delete(scope, username):
    """Return the commands that remove a client: it is disconnected at once."""
    return [
        {
            "command": "deleteClient",
            "username": username,
            "correlationData": f"-{username}",
        },
        {"command": "deleteRole", "rolename": role_prefix(scope) + username},
    ]


def seed(gateway, password, clients):
    """Return the text of the broker's first file.

    :param str gateway: user name that may do everything, changing accounts included
    :param clients: [(username, password, publishes, reads)]
    """
    everything = [
        _acl(kind, topic)
        for kind in ("publishClientSend", "publishClientReceive", "subscribePattern")
        for topic in ("#", "$CONTROL/dynamic-security/#")
    ]
    admin = {"rolename": "gateway", "acls": everything}
    roles = [
        admin,
        *(role(FIRST, *one[:1], *one[2:]) for one in clients),
    ]
    accounts = [_account(gateway, password, "gateway")]
    accounts += [
        _account(name, word, role_prefix(FIRST) + name)
        for name, word, _s, _r in clients
    ]
    return json.dumps(
        {
            "defaultACLAccess": {
                "publishClientSend": False,
                "publishClientReceive": False,
                "subscribe": False,
                "unsubscribe": True,
            },
            "clients": accounts,
            "groups": [],
            "roles": roles,
        },
        indent=1,
    )


def _account(username, password, rolename):
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS)
    return {
        "username": username,
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ROUNDS,
        "roles": [{"rolename": rolename}],
    }
