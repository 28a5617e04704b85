"""The declaration of a route: one decorator that says all there is to say."""

import dataclasses

from odoo import http

from .schema import NoFields

PREFIX = "/teahouse/api/v1"
BODY_LIMIT = 256 * 1024
UPLOAD_LIMIT = 5 * 1024 * 1024
#: What a multipart envelope may add to the image inside.
UPLOAD_ENVELOPE = 16 * 1024

_AUTHS = ("public", "member")
_RATES = (None, "read", "write", "auth")
_IDEMPOTENCY = (None, "optional", "required")


@dataclasses.dataclass(frozen=True)
class Declaration:
    """What a route declares; the frame and the OpenAPI document read it."""

    path: str
    method: str
    auth: str
    request: type | None
    query: type | None
    response: type | None
    status: int
    idempotency: str | None
    admit: tuple | None
    rate: str | None
    summary: str
    tags: tuple
    errors: tuple
    upload: str | None
    media_type: str
    hidden: bool

    def __post_init__(self):
        for value, allowed in (
            (self.auth, _AUTHS),
            (self.rate, _RATES),
            (self.idempotency, _IDEMPOTENCY),
        ):
            if value not in allowed:
                raise ValueError(f"{self.path}: {value!r} is not one of {allowed}")


def api_route(
    path,
    methods="GET",
    *,
    auth="member",
    request=None,
    query=None,
    response=None,
    status=200,
    idempotency=None,
    admit=None,
    rate="",
    readonly=None,
    summary="",
    tags=(),
    errors=(),
    upload=None,
    media_type="application/json",
    hidden=False,
):
    """Declare a controller method as a route of the API.

    The method gets the path parameters as keywords, ``body`` (an instance of
    ``request``), ``query`` (an instance of ``query``) and ``file`` (of an upload)
    where declared. It returns JSON-ready data, or a werkzeug Response.

    :param str path: below the prefix, with werkzeug converters
    :param str methods: the HTTP method; one
    :param str auth: ``member`` or ``public`` (a token is recognised if given)
    :param type request: Schema of the JSON body
    :param type query: Schema of the query parameters
    :param type response: Schema of the answer
    :param int status: of success
    :param str idempotency: ``required``, ``optional`` or None (header ignored)
    :param tuple admit: (model, method) called with the body before anything is
        written, the idempotency key included: it refuses cheaply what many may ask
        for in vain, and may begin the transaction anew
    :param str rate: ``read``, ``write``, ``auth`` or None; by the method if left out
    :param bool readonly: may use a replica; GET routes are unless told otherwise
    :param errors: codes the route may answer besides the general ones
    :param str upload: name of the multipart field that holds an image
    :param str media_type: of the answer, where it is not JSON
    :param bool hidden: left out of the OpenAPI document
    """
    (method,) = [methods] if isinstance(methods, str) else methods
    reading = method == "GET"
    declaration = Declaration(
        path=path,
        method=method,
        auth=auth,
        request=request,
        query=query,
        response=response,
        status=status,
        idempotency=idempotency,
        admit=admit,
        rate=("read" if reading else "write") if rate == "" else rate,
        summary=summary,
        tags=tuple(tags),
        errors=tuple(errors),
        upload=upload,
        media_type=media_type,
        hidden=hidden,
    )
    return http.route(
        PREFIX + path,
        type="teahouse",
        auth=f"teahouse_{auth}",
        methods=[method],
        csrf=False,
        save_session=False,
        readonly=reading if readonly is None else readonly,
        max_content_length=UPLOAD_LIMIT + UPLOAD_ENVELOPE if upload else BODY_LIMIT,
        teahouse=declaration,
    )


def body_schema(declaration):
    """Return the Schema that a JSON body has to match."""
    return declaration.request or NoFields


class ApiController(http.Controller):
    """Base of the API's controllers.

    Each direct subclass is a controller of its own, and is extended by subclassing
    it, as usual. (Plain subclassing would merge all of them into one class.)
    """

    def __init_subclass__(cls):
        super().__init_subclass__()
        if ApiController in cls.__bases__:
            parts = cls.__module__.split(".")
            module = parts[2] if parts[:2] == ["odoo", "addons"] else ""
            http.Controller.children_classes[module].append(cls)


http.Controller.children_classes["teahouse_base"].remove(ApiController)
