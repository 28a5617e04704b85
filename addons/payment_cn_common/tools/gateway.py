"""How talking to a payment gateway can end. No Odoo."""


class GatewayError(Exception):
    """The gateway did not do what it was asked to."""


class GatewayUnknown(GatewayError):
    """Nobody knows whether the request was carried out: ask or repeat it later."""


class GatewayRejected(GatewayError):
    """The gateway has refused the request, nothing happened."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class BadSignature(GatewayError):
    """A message that does not come from the gateway, or is too old."""
