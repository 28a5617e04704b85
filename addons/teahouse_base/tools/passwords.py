"""Which passwords are accepted: length and commonness, no composition rules."""

from functools import cache

from odoo.tools import file_open

MIN_LENGTH = 8
MAX_LENGTH = 64
# Frequent in China, or here, and not in the list of the world's.
_CHINESE = frozenset(
    """
    p@ssword basketball batman123 michelle jennifer chocolate welcome123 letmein123
    admin1234 admin888 administrator changeit default1 aa12345678 1314520 5201314520
    52013141 woaini520 woaini1314 woaini123 woaini521 1314521521 159357456 110110110
    12341234 123123123 wang1234 zhang123 china123 chinese1 teahouse teahouse1
    teahouse123 shadow123 secret123 testtest testing123 temp1234 login123 guest123
    user1234 root1234 toor1234
    """.split()
)
_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)


@cache
def common_passwords():
    """Return the most frequent passwords of 8 characters and more, in lower case.

    3,000 by frequency, from the word lists of zxcvbn (Daniel Wolf and Dropbox, MIT
    licence), and some of our own.
    """
    with file_open("teahouse_base/data/common_passwords.txt") as file:
        return _CHINESE.union(file.read().split())


def password_problem(password, phone=""):
    """Return ``short``, ``long`` or ``common``, or None for a good password.

    :param str phone: of the owner, in any spelling; it must not be the password
    """
    if len(password) < MIN_LENGTH:
        return "short"
    if len(password) > MAX_LENGTH:
        return "long"
    lowered = password.lower()
    digits = "".join(filter(str.isdigit, phone))[-11:]
    if (
        lowered in common_passwords()
        or len(set(lowered)) < 4
        or any(lowered in run for run in _RUNS)
        or (digits and digits in password)
    ):
        return "common"
    return None
