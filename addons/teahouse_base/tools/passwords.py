"""Which passwords are accepted: length and commonness, no composition rules."""

MIN_LENGTH = 8
MAX_LENGTH = 64
# Frequent ones that a run of keys or digits does not already give away.
_COMMON = frozenset(
    """
    password passw0rd password1 password12 password123 p@ssw0rd p@ssword
    iloveyou iloveyou1 iloveyou2 sunshine princess football baseball basketball
    superman batman123 starwars trustno1 whatever computer internet michelle
    jennifer jordan23 liverpool chocolate butterfly welcome1 welcome123 letmein1
    letmein123 admin123 admin1234 admin888 administrator changeme changeit default1
    qwerty123 qwerty12 qwertyui qwertyuiop qwer1234 1qaz2wsx 1q2w3e4r 1q2w3e4r5t
    q1w2e3r4 zaq12wsx asdfghjk asdfghjkl asdf1234 zxcvbnm1 zxcvbnm123 abc12345
    abcd1234 abc123456 a1234567 a12345678 a123456789 aa123456 aa12345678 1234abcd
    12345678a 123456789a 1234qwer 123qweasd 123456aa 123456abc 123456qq 1314520
    5201314520 52013141 woaini520 woaini1314 woaini123 woaini521 1314521521
    147258369 147852369 159357456 741852963 963852741 987654321a 110110110
    112233445566 11223344 12341234 12344321 123123123 123321123 123454321
    qazwsxedc qazwsx123 wang1234 zhang123 china123 chinese1 teahouse teahouse1
    teahouse123 dragon123 monkey123 shadow123 master123 secret123 test1234
    testtest testing123 temp1234 login123 guest123 user1234 root1234 toor1234
    """.split()
)
_RUNS = (
    "01234567890123456789",
    "98765432109876543210",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
)


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
        lowered in _COMMON
        or len(set(lowered)) < 4
        or any(lowered in run for run in _RUNS)
        or (digits and digits in password)
    ):
        return "common"
    return None
