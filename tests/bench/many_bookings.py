"""Stores, rooms and bookings by the million, written by SQL."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

#: Bookings begin so many days ago.
PAST = 30
TODAY = datetime.now(UTC).replace(
    hour=0, minute=0, second=0, microsecond=0, tzinfo=None
)
FIRST = TODAY - timedelta(days=PAST)
ROOMS = 8
#: A stay of two hours each three, of which some are left out: 7.64 a room and day.
STEP = timedelta(hours=3)
GAPS = 22
WALL = "teahouse_booking_no_double_booking"


def seed(env, stores, days, rooms=ROOMS):
    """Fill an empty database: stores, their rooms, and bookings of so many days.

    :return: ids of the stores
    """
    cr = env.cr
    cr.execute("SELECT id FROM teahouse_store WHERE code ~ '^B[0-9]' ORDER BY id")
    known = [row[0] for row in cr.fetchall()]
    if known:
        return known
    pattern = env["teahouse.store"].create({"name": "Bench", "code": "BENCH"})
    room = env["teahouse.room"].create({"name": "R", "store_id": pattern.id})
    env.flush_all()
    cr.execute("SELECT setseed(0.42)")
    ids = clone(
        cr,
        "teahouse_store",
        pattern.id,
        f"generate_series(1, {stores}) n",
        {
            "code": "'B' || n",
            "encryption_uid": "md5(random()::text)",
            "latitude": "29 + 2 * random()",
            "longitude": "119 + 2 * random()",
        },
    )
    clone(
        cr,
        "teahouse_room",
        room.id,
        f"(SELECT id FROM teahouse_store WHERE code ~ '^B[0-9]') s"
        f" CROSS JOIN generate_series(1, {rooms})",
        {"store_id": "s.id"},
    )
    with wall_down(cr):
        cr.execute(
            """INSERT INTO teahouse_booking (room_id, store_id, company_id, people, ref,
                      kind, source, state, start, "end", blocked_from, blocked_until)
               SELECT r.id, r.store_id, %s, 2, 'bench-' || r.id || '-' || n,
                      'timed', 'h5', 'confirmed', at, at + interval '2 h', at,
                      at + interval '135 min'
                 FROM teahouse_room r JOIN teahouse_store s ON s.id = r.store_id,
                      generate_series(0, %s) n,
                      LATERAL (SELECT %s + n * %s + (r.id %% 6) * interval '10 min'
                              ) t(at)
                WHERE s.code ~ '^B[0-9]'
                  AND abs(hashint4(r.id * 1000 + n)) %% %s > 0""",
            (pattern.company_id.id, days * 8 - 1, FIRST, STEP, GAPS),
        )
    cr.execute("UPDATE teahouse_store SET max_open_holds = 0")
    return ids


@contextmanager
def wall_down(cr):
    """Take the constraint against overlaps down, and put it up again.

    The planner shall see what it always sees, but with millions of stays the index is
    quicker to make anew than to keep.
    """
    cr.execute(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s",
        (WALL,),
    )
    (wall,) = cr.fetchone()
    cr.execute(f"ALTER TABLE teahouse_booking DROP CONSTRAINT {WALL}")
    yield
    cr.execute("SET LOCAL maintenance_work_mem = '1GB'")
    cr.execute(f"ALTER TABLE teahouse_booking ADD CONSTRAINT {WALL} {wall}")


def clone(cr, table, row_id, source, values):
    """Insert copies of a row, some of whose columns are expressions over a source."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s",
        (table,),
    )
    others = [f'"{name}"' for (name,) in cr.fetchall() if name not in {"id", *values}]
    pattern = ", ".join(f"p.{name}" for name in others)
    cr.execute(
        f"INSERT INTO {table} ({', '.join(values)}, {', '.join(others)})"
        f" SELECT {', '.join(values.values())}, {pattern}"
        f" FROM {source}, (SELECT * FROM {table} WHERE id = {row_id}) p RETURNING id"
    )
    return [row[0] for row in cr.fetchall()]
