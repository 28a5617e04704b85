"""Fifty guests want one room at one time; the server runs in several processes."""

import threading
import uuid
from collections import Counter

GUESTS = 50
MEMBERS = 10


def race(members, slots):
    """Book all slots at the same moment.

    :param list members: clients, used in turn
    :param list slots: bodies of ``POST /bookings``
    :rtype: list[Answer]
    """
    answers = [None] * len(slots)
    gate, run = threading.Barrier(len(slots)), uuid.uuid4()

    def book(number, slot):
        api = members[number % len(members)]
        gate.wait()
        answers[number] = api.send(
            "POST", "/bookings", {**slot, "people": 1}, key=f"race-{run}-{number}"
        )

    threads = [
        threading.Thread(target=book, args=(number, slot))
        for number, slot in enumerate(slots)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def overlapping(stack, days):
    """Return stays of one room that all meet 15:00 to 16:00."""
    shapes = [(14, 2), (15, 1), (13, 3), (12, 4), (15, 3)]
    return [
        stack.slot(days, hour=hour, hours=hours)
        for number in range(GUESTS)
        for hour, hours in [shapes[number % len(shapes)]]
    ]


def test_one_of_fifty_wins(workers_stack):
    members = [workers_stack.new_member() for _ in range(MEMBERS)]
    with workers_stack.no_traceback():
        for days in (8, 9, 10):
            answers = race(members, overlapping(workers_stack, days))
            seen = Counter((answer.status, answer.code) for answer in answers)
            assert seen == {(201, None): 1, (409, "slot_taken"): GUESTS - 1}

    rows = workers_stack.sql(
        "SELECT count(*) FROM teahouse_booking a JOIN teahouse_booking b"
        " ON a.room_id = b.room_id AND a.id < b.id"
        " AND tsrange(a.start, a.blocked_until) && tsrange(b.start, b.blocked_until)"
        " WHERE a.state IN ('hold', 'confirmed', 'in_use', 'completed')"
        " AND b.state IN ('hold', 'confirmed', 'in_use', 'completed')"
    )
    assert rows == [(0,)]


def test_different_rooms_do_not_wait_for_each_other(workers_stack):
    members = [workers_stack.new_member() for _ in range(4)]
    slots = [workers_stack.slot(days=11, room=room) for room in range(4)]

    answers = race(members, slots)

    assert [answer.status for answer in answers] == [201] * 4


def test_same_key_books_once(workers_stack):
    api = workers_stack.new_member()
    body = {**workers_stack.slot(days=12), "people": 1}
    answers = []

    def book():
        answers.append(api.send("POST", "/bookings", body, key="the-same"))

    threads = [threading.Thread(target=book) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    refs = {answer.body["ref"] for answer in answers if answer.status == 201}
    assert len(refs) == 1
    assert {answer.status for answer in answers} <= {201, 409}
    again = api.send("POST", "/bookings", body, key="the-same")
    assert (again.status, again.body["ref"]) == (201, refs.pop())
    other = api.send("POST", "/bookings", {**body, "people": 2}, key="the-same")
    assert (other.status, other.code) == (422, "idempotency_mismatch")
