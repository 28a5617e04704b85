"""What devices say before anybody knows them."""

from typing import Literal

from pydantic import Field

from odoo.addons.teahouse_base.api import Schema


class DeviceAnnounce(Schema):
    """A device announces itself.

    `code` is its claim code (printed on it, or shown in the back office and typed
    in). `secret` is random and its own: who comes again with the code must have it.
    """

    code: str = Field(min_length=8, max_length=32, pattern=r"^[0-9A-Za-z -]+$")
    secret: str = Field(pattern=r"^[0-9a-f]{64}$")
    kind: Literal[
        "lock", "gate", "power", "light", "ac", "speaker", "sensor", "reader", "keypad"
    ]
    name: str | None = Field(None, max_length=64)
    model: str | None = Field(None, max_length=64)
    fw: str | None = Field(None, max_length=64)


class DeviceAnnounceOut(Schema):
    """`waiting`: ask again after `retry_s`. `bound`: the credential, until the device
    was online with it."""

    state: Literal["waiting", "bound"]
    retry_s: int
    uid: str | None = None
    password: str | None = None
    host: str | None = None
    port: int | None = None
    tls: bool | None = None
