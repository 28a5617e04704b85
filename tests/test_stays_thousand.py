"""Random stays with every way to pay, and stand-ins that misbehave: all books agree.

Fifty stays; a thousand with ``config/test --full``, or ``TEAHOUSE_STAYS``. The seed is
printed when it fails.
"""

import os

from stays import Stays, books

SEED = int(os.environ.get("TEAHOUSE_SEED", "20261123"))


def test_all_books_agree(shop, request):
    usual = 1000 if request.config.getoption("--full") else 50
    count = int(os.environ.get("TEAHOUSE_STAYS", usual))
    stays = Stays(shop, SEED)
    stays.play(count)
    shop.quiet()

    assert len(stays.done) == count
    assert books(shop) == [], f"seed {SEED}"
