"""Problem documents: the one shape of every refusal."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

PROBLEM_TYPE = "application/problem+json"

#: code of the contract -> (HTTP status, title)
CODES = {
    "invalid_request": (422, _lt("The request is not valid")),
    "unauthenticated": (401, _lt("Please log in")),
    "forbidden": (403, _lt("Not allowed")),
    "not_found": (404, _lt("Not found")),
    "slot_taken": (409, _lt("This time is taken")),
    "invalid_state": (409, _lt("Not possible now")),
    "outside_window": (409, _lt("Not at this time")),
    "no_tariff": (409, _lt("No price for this time")),
    "idempotency_mismatch": (422, _lt("The key was used for another request")),
    "offer_expired": (409, _lt("The offer has expired")),
    "payment_failed": (402, _lt("The payment failed")),
    "payment_due": (402, _lt("A payment is due")),
    "rate_limited": (429, _lt("Too many requests")),
    "too_large": (413, _lt("The request is too large")),
    "device_offline": (503, _lt("The device cannot be reached")),
    "internal": (500, _lt("Something went wrong")),
}


def title_of(code, lang="en_US"):
    """Return the title of a code in a language."""
    return CODES[code][1]._translate(lang)


def problem(lang, code, detail=None, *, errors=None, request_id=None, status=None):
    """Return the problem document of a code.

    :param str lang: of the title
    :param str code: a code of the contract; an unknown one counts as internal
    :param str detail: explanation in the reader's language
    :param list errors: ``{"field", "message"}`` each
    :param int status: when it differs from the code's own
    """
    if code not in CODES:
        code = "internal"
    usual_status = CODES[code][0]
    title = title_of(code, lang)
    return {
        "type": f"/teahouse/api/v1/docs#{code}",
        "title": title,
        "status": status or usual_status,
        "code": code,
        "detail": detail or title,
        "errors": errors or [],
        "request_id": request_id,
    }
