"""What is wrong with a message, as a short stable code."""


class ProtocolError(ValueError):
    """A message that breaks the protocol; `code` is stable, for counters."""

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
