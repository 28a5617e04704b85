"""What is wrong with a profile, or with a message it cannot read."""


class ProfileError(ValueError):
    """A profile, template or message that makes no sense; `code` is stable."""

    def __init__(self, code, detail=""):
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
