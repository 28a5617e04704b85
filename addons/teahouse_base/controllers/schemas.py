"""Requests and answers of the identity and store chapters."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from ..api import Instant, Page, PageQuery, Schema

Phone = Annotated[str, Field(min_length=5, max_length=24, examples=["13800000001"])]
Code = Annotated[str, Field(pattern=r"^\d{6}$", examples=["123456"])]
Password = Annotated[str, Field(min_length=1, max_length=128)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", examples=["22:00"])]
Language = Literal["zh-CN", "zh_CN", "en", "en-US", "en_US"]


def _date(value):
    if value is None or isinstance(value, datetime.date):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError("date_type") from error


Birthday = Annotated[
    datetime.date,
    BeforeValidator(_date),
    Field(ge=datetime.date(1900, 1, 1), le=datetime.date(2100, 1, 1)),
]


class ChallengeOut(Schema):
    """A riddle, for an address that has asked for too many codes."""

    kind: str = Field(
        description="`proof_of_work`: find an answer (a number from 0 up) so that "
        "SHA-256 of `token:answer` begins with `bits` zero bits.",
        examples=["proof_of_work"],
    )
    token: str
    expires_in: int = Field(description="Seconds.")
    bits: int | None = None
    picture: str | None = Field(None, description="Data URL, for kinds that show one.")


class Proof(Schema):
    """A solved riddle; good once."""

    token: str = Field(min_length=1, max_length=255)
    answer: str = Field(min_length=1, max_length=32)


class SmsCodeCreate(Schema):
    phone: Phone
    purpose: Literal["login", "password", "bind"]
    proof: Proof | None = Field(
        None, description="Wanted when `rate_limited` names this field."
    )


class SmsCodeOut(Schema):
    expires_in: int = Field(description="Seconds that the code is good for.")
    retry_after: int = Field(description="Seconds until another can be asked for.")


class AuthorizationQuery(Schema):
    app: Literal["official_account", "alipay"]
    path: str | None = Field(
        None,
        max_length=255,
        description="Page of the app to come back to.",
        examples=["/teahouse/app"],
    )


class AuthorizationOut(Schema):
    url: str = Field(description="Send the browser there.")
    state: str = Field(description="Keep it, and compare it with what comes back.")


#: grant -> fields that it needs
GRANT_FIELDS = {
    "sms": ("phone", "code"),
    "password": ("phone", "password"),
    "wechat": ("app", "code"),
    "alipay": ("auth_code",),
}


class SessionCreate(Schema):
    """One way to log in; the others' fields are left out."""

    grant: Literal["sms", "password", "wechat", "alipay"]
    phone: Phone | None = None
    code: str | None = Field(None, min_length=1, max_length=128, examples=["123456"])
    password: Password | None = None
    app: Literal["mini_program", "official_account"] | None = None
    phone_code: str | None = Field(None, min_length=1, max_length=128)
    auth_code: str | None = Field(None, min_length=1, max_length=128)
    consent_version: str | None = Field(None, min_length=1, max_length=32)

    @model_validator(mode="after")
    def _fields_of_grant(self):
        needed = GRANT_FIELDS[self.grant]
        for name in needed:
            if getattr(self, name) is None:
                raise ValueError(f"missing:{name}")
        allowed = {*needed, "grant", "consent_version"}
        if self.grant == "wechat":
            allowed.add("phone_code")
        for name in sorted(self.model_fields_set & set(SessionCreate.model_fields)):
            if name not in allowed:
                raise ValueError(f"extra_forbidden:{name}")
        return self


class MemberOut(Schema):
    id: int
    name: str
    phone: str | None = Field(description="Masked.", examples=["138****0001"])
    state: Literal["pending", "approved", "rejected", "blocked"]
    state_reason: str | None
    gender: Literal["female", "male", "other"] | None
    birthday: str | None = Field(examples=["1990-05-17"])
    lang: str = Field(examples=["zh_CN"])
    has_avatar: bool
    consent_version: str | None
    created_at: Instant


class SessionOpened(Schema):
    token: str = Field(description="Shown once; send it as a bearer token.")
    expires_at: Instant
    member: MemberOut
    is_new: bool


class SessionRenewed(Schema):
    expires_at: Instant


class SessionOut(Schema):
    id: int
    user_agent: str
    ip: str
    created_at: Instant
    last_seen_at: Instant
    expires_at: Instant
    current: bool


class PasswordPut(Schema):
    phone: Phone
    code: Code
    password: Password


class MemberPatch(Schema):
    name: str | None = Field(None, min_length=1, max_length=64)
    gender: Literal["female", "male", "other"] | None = None
    birthday: Birthday | None = None
    lang: Language | None = None
    avatar: int | None = Field(None, ge=1, description="An upload; null removes it.")


class PreferencesOut(Schema):
    sms: bool
    mail: bool
    wechat: bool
    quiet_from: Clock
    quiet_to: Clock
    lang: str


class PreferencesPatch(Schema):
    sms: bool | None = None
    mail: bool | None = None
    wechat: bool | None = None
    quiet_from: Clock | None = None
    quiet_to: Clock | None = None
    lang: Language | None = None


class PhoneChange(Schema):
    """A code sent to the new phone, and the password or a code to the old one.

    Who has no phone yet needs the first code only.
    """

    phone: Phone
    code: Code
    password: Password | None = None
    old_code: Code | None = None
    merge: bool = Field(
        False,
        description="If the phone is that of another member, become a part of it: "
        "what is mine moves there, all my devices are logged out.",
    )

    @model_validator(mode="after")
    def _one_proof(self):
        if self.password is not None and self.old_code is not None:
            raise ValueError("extra_forbidden:old_code")
        return self


class IdentityOut(Schema):
    id: int
    provider: Literal["wechat", "alipay"]
    app_id: str
    created_at: Instant


class IdentityCreate(Schema):
    """What the provider handed to the app."""

    provider: Literal["wechat", "alipay"]
    app: Literal["mini_program", "official_account"] | None = None
    code: str | None = Field(None, min_length=1, max_length=128)
    auth_code: str | None = Field(None, min_length=1, max_length=128)

    @model_validator(mode="after")
    def _fields_of_provider(self):
        needed = GRANT_FIELDS[self.provider]
        for name in needed:
            if getattr(self, name) is None:
                raise ValueError(f"missing:{name}")
        for name in {"app", "code", "auth_code"} - set(needed):
            if getattr(self, name) is not None:
                raise ValueError(f"extra_forbidden:{name}")
        return self


class SubscriptionOut(Schema):
    """A message that the member may accept in WeChat."""

    template: str
    template_id: str = Field(description="For wx.requestSubscribeMessage.")
    name: str
    remaining: int = Field(description="Messages that were accepted, and not sent.")


class SubscriptionsCreate(Schema):
    template_ids: list[Annotated[str, Field(min_length=1, max_length=64)]] = Field(
        min_length=1, max_length=20, description="What the dialog says: accept."
    )


class NotificationQuery(PageQuery):
    unread: bool = False


class NotificationOut(Schema):
    id: int
    channel: str
    template: str | None
    title: str
    body: str
    sent_at: Instant
    read: bool


class NotificationPage(Page[NotificationOut]):
    unread_count: int


class ExportOut(Schema):
    """All that is kept about the member; addons add their parts."""

    model_config = {"extra": "allow"}

    member: dict[str, Any]


class UploadOut(Schema):
    id: int


class Coordinates(Schema):
    lat: float
    lng: float


class Location(Schema):
    wgs84: Coordinates
    gcj02: Coordinates


class FacilityOut(Schema):
    code: str
    name: str
    icon: str | None


class PhotoOut(Schema):
    id: int
    name: str | None
    url: str


class PhotoQuery(Schema):
    size: int = Field(1920, ge=1, le=4096, description="Longest side, in pixels.")
    v: str | None = Field(None, max_length=32, description="Version, for caches.")


class StoreQuery(PageQuery):
    lat: float | None = Field(None, ge=-90, le=90, description="WGS-84.")
    lng: float | None = Field(None, ge=-180, le=180, description="WGS-84.")
    radius_km: float | None = Field(None, gt=0, le=20000)
    q: str | None = Field(None, min_length=1, max_length=64)
    capacity: int | None = Field(None, ge=1, le=1000)
    facility: str | None = Field(
        None,
        pattern=r"^[a-z0-9_.-]+(,[a-z0-9_.-]+)*$",
        max_length=256,
        description="Codes, separated by commas; all are needed.",
    )
    sort: Literal["distance", "name"] | None = None

    @model_validator(mode="after")
    def _whole_place(self):
        if (self.lat is None) != (self.lng is None):
            raise ValueError("missing:lng" if self.lng is None else "missing:lat")
        if self.lat is None and (self.radius_km or self.sort == "distance"):
            raise ValueError("missing:lat")
        return self


class StoreOut(Schema):
    """A store as it stands in lists."""

    id: int
    name: str
    address: str
    location: Location | None
    distance_m: int | None = Field(description="As the crow flies.")
    phone: str | None
    state: Literal["open", "paused"]
    state_reason: str | None
    open_24h: bool
    tz: str = Field(examples=["Asia/Shanghai"])
    cover: str | None = Field(description="Address of a photo.")
    facilities: list[FacilityOut]
    room_count: int


class RoomOut(Schema):
    id: int
    store_id: int
    name: str
    code: str | None
    type: str | None
    capacity: int
    state: Literal["open", "closed"]
    description: str | None
    facilities: list[FacilityOut]
    photos: list[PhotoOut]
    cover: str | None


class OpeningOut(Schema):
    weekday: int = Field(ge=0, le=6, description="0 is Monday.")
    from_: str = Field(alias="from", examples=["09:00"])
    to: str = Field(description="Not after `from`: on the next day.")


class Navigation(Schema):
    """Links that open the store in a map."""

    amap: str
    tencent: str
    baidu: str
    apple: str
    google: str
    geo: str


class StoreDetail(StoreOut):
    """A store with all that its page shows."""

    introduction: str | None
    notice: str | None
    photos: list[PhotoOut]
    opening: list[OpeningOut]
    navigation: Navigation | None
    rooms: list[RoomOut]
    capabilities: list[str] = Field(
        description="What the store takes part in.", examples=[["goods", "reviews"]]
    )
