"""Helpers of the benchmarks: they print figures and assert nothing about time."""

import statistics

import pytest


@pytest.fixture
def report(capsys):
    """Return a function that prints what was measured, past pytest's capture."""

    def show(title, seconds, floor=None):
        middle = statistics.median(seconds)
        text = (
            f"{title}: median {middle * 1000:.1f} ms, slowest"
            f" {max(seconds) * 1000:.1f} ms,"
            f" {len(seconds)} measured"
        )
        if floor:
            ratio = middle / statistics.median(floor)
            text += f"; {ratio:.1f} times the floor"
        with capsys.disabled():
            print(f"\n{text}")

    return show
