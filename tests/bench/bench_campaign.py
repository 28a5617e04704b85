"""How long it takes until a campaign's message to 100,000 members is queued for all.

The floor is what cannot be saved: as many rows, sealed as the model seals them, written
by bare statements of a thousand rows.
"""

import time
import uuid

from many_bookings import clone
from own_database import own_database
from psycopg2.extras import execute_values

from odoo.addons.field_encrypted.keyring import keyring

MEMBERS = 100_000
CHUNK = 1000
DATABASE = "teahouse_bench_campaign"


def bench_campaign(report):
    """Queue one message for everybody, and as many bare rows."""
    with own_database(DATABASE, "teahouse_marketing") as database:
        with database.env() as env:
            seed(env)
        with database.env() as env:
            floor = bare(env)
            env.cr.rollback()
            begun = time.perf_counter()
            campaign = queue(env)
            took = time.perf_counter() - begun
            assert campaign.told_count >= MEMBERS
            env.cr.rollback()
    report(f"{MEMBERS} sealed rows, bare", [floor])
    report(f"message to {MEMBERS} members queued", [took], [floor])


def seed(env):
    """Make members with users and partners, by SQL."""
    member = env["teahouse.member"]._enrol("13800000000", name="Bench")
    env.flush_all()
    count = f"generate_series(1, {MEMBERS}) n"
    people = {"name": "'Bench ' || n"}
    partners = clone(env.cr, "res_partner", member.partner_id.id, count, people)
    users = clone(
        env.cr,
        "res_users",
        member.user_id.id,
        count,
        {"partner_id": f"{min(partners) - 1} + n", "login": "'bench-' || n"},
    )
    clone(
        env.cr,
        "teahouse_member",
        member.id,
        count,
        {
            "user_id": f"{min(users) - 1} + n",
            "partner_id": f"{min(partners) - 1} + n",
            "encryption_uid": "md5(random()::text)",
            "phone": "NULL",
            "phone_index": "NULL",
        },
    )
    env.cr.execute("ANALYZE teahouse_member")


def bare(env):
    """Return the seconds that sealed rows take without anything about them."""
    env.cr.execute("CREATE TABLE bench_floor (member_id int, uid text, body text)")
    ring, begun = keyring(), time.perf_counter()
    for first in range(0, MEMBERS, CHUNK):
        rows = []
        for number in range(first, first + CHUNK):
            uid = uuid.uuid4().hex
            rows.append((number, uid, ring.encrypt("Come and see us.", uid)))
        execute_values(
            env.cr._obj, "INSERT INTO bench_floor VALUES %s", rows, page_size=CHUNK
        )
    return time.perf_counter() - begun


def queue(env):
    """Send a campaign as its job does, less the commits; return it."""
    template = env["teahouse.notification.template"].create(
        {
            "name": "Bench",
            "code": "bench",
            "title": "{campaign}",
            "body": "Come and see us.",
            "channel_inbox": True,
        }
    )
    campaign = env["teahouse.campaign"].create(
        {"name": "Bench", "template_id": template.id}
    )
    campaign.action_send()
    campaign._gather()
    while campaign.send_state == "running":
        campaign._send_chunk()
        env.flush_all()
        env.invalidate_all()
    return campaign
