"""A backup taken while the system is in use, and a fresh place where it lives again."""

import base64
import json
import os
import shutil
import stat
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from conftest import Stack
from journey import Journey
from test_journey import book, pay

TABLES = (
    "teahouse_booking",
    "teahouse_charge_line",
    "teahouse_access_log",
    "teahouse_member",
    "payment_transaction",
    "account_move_line",
    "teahouse_audit",
)
LEDGER = """
    SELECT count(*), sum(debit), md5(string_agg(
               concat_ws('|', id, move_id, account_id, debit, credit, name),
               ',' ORDER BY id))
      FROM account_move_line
"""


@pytest.fixture
def place(stack):
    """A folder that the database's account can enter, as a disk for backups is."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    stack.run("--off", program="backup")
    superuser(stack, "DROP DATABASE IF EXISTS somebody_elses")
    shutil.rmtree(folder)


@contextmanager
def restored(stack, place, *arguments):
    """Restore into a fresh place, start it, and remove it afterwards."""
    copy = Stack(place / "copy")
    done = copy.run(place / "archive", *arguments, program="restore")
    try:
        copy.start()
        yield copy, done.stdout
    finally:
        copy.run("--reset", "--yes")


def fingerprint(stack):
    """Return counts of what matters, and sums and a hash of the ledger."""
    counts = {t: stack.sql(f"SELECT count(*) FROM {t}")[0][0] for t in TABLES}
    return counts, stack.sql(LEDGER)[0]


def superuser(stack, statement):
    """Run a statement as the database's superuser."""
    values = json.loads((stack.state / "settings.json").read_text())
    connection = psycopg2.connect(
        dbname="postgres",
        user="postgres",
        password=values["superuser_password"],
        host="127.0.0.1",
        port=values["ports"]["database"],
    )
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def wait_for_log(stack, archive):
    """Finish the log's segment and wait until it is kept."""
    name = superuser(stack, "SELECT pg_walfile_name(pg_switch_wal())")
    deadline = time.monotonic() + 30
    while not (archive / "wal" / f"{name}.age").exists():
        assert time.monotonic() < deadline, f"{name} is not kept"
        time.sleep(0.1)


def test_back_to_a_moment(stack, place):
    archive, key = place / "archive", place / "key"
    superuser(stack, "CREATE DATABASE somebody_elses")
    list(Journey(stack.demo, member=1).play())
    done = stack.run("--to", archive, "--new-key", key, program="backup")
    assert "Database and keys" in done.stdout
    assert stat.S_IMODE(key.stat().st_mode) == 0o600

    # The system goes on: money, a file, and a door that is just being opened.
    api = stack.member(2)
    early = book(api, stack.slot(days=13, room=1))["ref"]
    pay(api, early)
    office = stack.office("admin")
    tea = base64.b64encode(b"tea" * 1000).decode()
    (file_id,) = office.call("ir.attachment", "create", [{"name": "T", "datas": tea}])
    os.kill(json.loads((stack.state / "run/gateway.json").read_text())["pid"], 15)
    ((command, uid),) = stack.sql(
        "UPDATE teahouse_command c SET state = 'queued', effects_done = false,"
        " due_at = now() AT TIME ZONE 'UTC',"
        " expires_at = now() AT TIME ZONE 'UTC' + interval '1 hour'"
        " FROM teahouse_device d WHERE d.id = c.device_id AND c.id ="
        " (SELECT max(id) FROM teahouse_command WHERE act = 'unlock')"
        " RETURNING c.id, d.uid"
    )
    stack.run("--files", program="backup")
    seq = stack.sql("SELECT last_value FROM teahouse_device_seq")[0][0]
    before = fingerprint(stack)
    moment = superuser(stack, "SELECT clock_timestamp()")
    late = book(api, stack.slot(days=14, room=1))["ref"]
    stack.sql("UPDATE teahouse_command SET state = 'expired' WHERE id = %s", command)
    wait_for_log(stack, archive)
    stack.start()

    at = ("--identity", key, "--at", moment.isoformat())
    with restored(stack, place, *at) as (copy, said):
        print(said.splitlines()[-1])
        assert copy.base_url != stack.base_url
        # Nothing was sent a second time.
        assert copy.sql(
            "SELECT state, reason FROM teahouse_command WHERE id = %s", command
        ) == [("expired", "restored")]
        assert copy.devices.executed(uid, "unlock") == []
        assert fingerprint(copy) == before
        # The same keys, the same files, the same people; nothing of what came later.
        guest = copy.member(2)
        assert guest.get(f"/bookings/{early}")["state"] == "confirmed"
        assert guest.send("GET", f"/bookings/{late}").status == 404
        (file,) = copy.office("admin").read(
            "ir.attachment", [("id", "=", file_id)], ["datas"]
        )
        assert file["datas"] == tea
        # Its devices have seen higher numbers than the backup knows.
        assert copy.sql("SELECT last_value FROM teahouse_device_seq")[0][0] > seq
        # It lives: a new stay, to the last cent and the last lamp.
        list(Journey(copy.demo, member=0).play())


def test_sealed_for_its_recipient(stack, place):
    archive = place / "archive"
    stack.run("--to", archive, "--new-key", place / "key", program="backup")
    secret = json.loads((stack.state / "settings.json").read_text())["encryption_key"]
    found = subprocess.run(["grep", "-rlF", secret, archive], capture_output=True)
    assert not found.stdout

    stranger = place / "stranger"
    subprocess.run(["age-keygen", "-o", stranger], check=True, capture_output=True)
    copy = Stack(place / "copy")
    done = copy.run(archive, "--identity", stranger, program="restore", check=False)
    assert done.returncode == 1
    assert "does not open" in done.stderr
    # What is in use is never restored over.
    done = stack.run(
        archive, "--identity", place / "key", program="restore", check=False
    )
    assert done.returncode == 1 and "is in use" in done.stderr
    assert stack.public.get("/stores")["items"]

    # Older backups go, and only their part of the log with them.
    stack.run("--keep", "1", program="backup")
    assert len(list((archive / "base").iterdir())) == 1
