"""How long the slowest of fifty waits when all want one room at one moment."""

import threading

from client import request
from test_race import GUESTS, MEMBERS, overlapping, race

ROUNDS = 10


def bench_race_of_fifty(workers_stack, report):
    """The floor: fifty requests at once that do nothing."""
    members = [workers_stack.new_member() for _ in range(MEMBERS)]
    floor, seconds = [], []
    for number in range(ROUNDS):
        floor += together(workers_stack.base_url)
        answers = race(members, overlapping(workers_stack, 14 + number))
        assert sorted(answer.status for answer in answers) == [201] + [409] * 49
        seconds += [answer.seconds for answer in answers]
    report("constant answer, 50 at once", floor)
    report("race of 50 for one room", seconds, floor)


def together(base_url):
    """Return how long each of fifty simultaneous health checks took."""
    seconds = []
    gate = threading.Barrier(GUESTS)

    def look():
        gate.wait()
        seconds.append(request(base_url, "GET", "/web/health").seconds)

    threads = [threading.Thread(target=look) for _ in range(GUESTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seconds
