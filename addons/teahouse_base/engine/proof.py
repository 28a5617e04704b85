"""Proof of work: a riddle that costs a client some seconds, and us one hash."""

import hashlib


def leading_zeros(digest):
    """Return how many bits at the beginning of a digest are zero.

    :param bytes digest:
    :rtype: int
    """
    return len(digest) * 8 - int.from_bytes(digest, "big").bit_length()


def is_solved(token, answer, bits):
    """Tell whether SHA-256 of ``token:answer`` begins with enough zero bits.

    :param str token: of the riddle
    :param str answer: any short text; clients count up from 0
    :param int bits: that must be zero
    :rtype: bool
    """
    digest = hashlib.sha256(f"{token}:{answer}".encode()).digest()
    return leading_zeros(digest) >= bits


def solve(token, bits):
    """Return an answer, by trying numbers; what a client does (used by tests)."""
    number = 0
    while not is_solved(token, number, bits):
        number += 1
    return str(number)
