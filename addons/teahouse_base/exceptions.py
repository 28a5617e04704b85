"""Errors with the stable codes of the API contract."""

from odoo.exceptions import UserError


class TeahouseError(UserError):
    """A refusal that the API answers with its code and the back office shows.

    :param str code: code of the contract, such as ``slot_taken``; stable, never
        translated
    :param str message: explanation in the language of the caller
    :param list errors: ``{"field", "message"}`` for each wrong field, or None
    :param int retry_after: seconds after which a refused call may be repeated
    """

    def __init__(self, code, message, errors=None, retry_after=None):
        super().__init__(message)
        self.code = code
        self.errors = errors or []
        self.retry_after = retry_after
