"""Masks: what screens, logs and answers show instead of personal data."""


def mask_phone(phone):
    """Return ``138****0001`` for a phone number (E.164 or national).

    A Chinese country code is left out; a number too short to mask half of is
    hidden whole.
    """
    if not phone:
        return ""
    digits = phone.removeprefix("+86").lstrip("+")
    if len(digits) < 8:
        return "*" * len(digits)
    hidden = max(4, len(digits) - 7)
    head = min(3, len(digits) - 4 - hidden)
    return digits[:head] + "*" * hidden + digits[-4:]
