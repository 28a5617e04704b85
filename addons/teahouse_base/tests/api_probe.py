"""Routes that only the tests of the API frame have."""

# What goes wrong inside has words that nobody is to see.
# pylint: disable=translation-required
import itertools

import psycopg2
from pydantic import Field

from odoo.exceptions import (
    AccessError,
    ConcurrencyError,
    LockError,
    MissingError,
    UserError,
)
from odoo.http import request

from odoo.addons.teahouse_base.api import (
    ApiController,
    Instant,
    Money,
    Page,
    PageQuery,
    Schema,
    api_route,
    extend_schema,
    page,
)
from odoo.addons.teahouse_base.exceptions import TeahouseError

TEST_ROUTE = {"hidden": True, "tags": ["Test"]}
effects = itertools.count(1)
#: Kinds of failure that happened before; a replayed request does not fail again.
failed_before = set()


class Echo(Schema):
    number: int
    text: str | None = Field(None, max_length=20)
    at: Instant | None = None
    price: Money | None = None
    parts: list["EchoPart"] | None = None


class EchoPart(Schema):
    name: str


class EchoOut(Schema):
    number: int
    effect: int
    text: str | None = None
    at: Instant | None = None
    price: Money | None = None


class ProbeOut(Schema):
    name: str


class FailQuery(Schema):
    kind: str


class ListQuery(PageQuery):
    at: Instant | None = None
    flag: bool | None = None


class Extended(Schema):
    name: str


@extend_schema(Extended)
class ExtendedMore:
    more: int = 0


class ProbeController(ApiController):
    def _echo(self, body):
        values = body.model_dump(mode="json", exclude={"parts"}, exclude_none=True)
        return {**values, "effect": next(effects)}

    @api_route(
        "/probe/echo",
        "POST",
        auth="public",
        request=Echo,
        response=EchoOut,
        status=201,
        idempotency="optional",
        **TEST_ROUTE,
    )
    def probe_echo(self, body):
        request.env["ir.config_parameter"].sudo().set_param(
            "teahouse_test.effect", body.number
        )
        return self._echo(body)

    @api_route(
        "/probe/pay",
        "POST",
        request=Echo,
        response=EchoOut,
        idempotency="required",
        **TEST_ROUTE,
    )
    def probe_pay(self, body):
        if body.text == "fail":
            raise TeahouseError("payment_failed", "No money.")
        request.env["res.partner"].sudo().create({"name": f"probe {body.number}"})
        return self._echo(body)

    @api_route("/probe/bare", "POST", auth="public", **TEST_ROUTE)
    def probe_bare(self):
        return {}

    @api_route("/probe/who", auth="public", **TEST_ROUTE)
    def probe_who(self):
        return {"user": request.env.uid, "lang": request.env.lang}

    @api_route("/probe/hot", **TEST_ROUTE)
    def probe_hot(self):
        return {"session": request.teahouse_session.session_id}

    @api_route(
        "/probe/list",
        auth="public",
        query=ListQuery,
        response=Page[ProbeOut],
        **TEST_ROUTE,
    )
    def probe_list(self, query):
        return page([{"name": f"{query.limit} {query.at}"}])

    @api_route("/probe/extended", "POST", auth="public", request=Extended, **TEST_ROUTE)
    def probe_extended(self, body):
        return {"fields": sorted(type(body).model_fields)}

    @api_route("/probe/wrong", auth="public", response=ProbeOut, **TEST_ROUTE)
    def probe_wrong(self):
        return {"name": "a", "secret": "b"}

    @api_route("/probe/things/<int:thing_id>", auth="public", **TEST_ROUTE)
    def probe_thing(self, thing_id):
        return {"id": thing_id}

    @api_route("/probe/file", "POST", auth="public", upload="file", **TEST_ROUTE)
    def probe_file(self, file):
        return {"size": len(file.read())}

    @api_route("/probe/fail", "POST", auth="public", query=FailQuery, **TEST_ROUTE)
    def probe_fail(self, query):
        getattr(self, f"_fail_{query.kind}")()
        return {"done": True}

    def _fail_crash(self):
        raise RuntimeError("secret detail of the server")

    def _fail_user(self):
        raise UserError("You cannot do that.")

    def _fail_access(self):
        raise AccessError("Records of res.partner")

    def _fail_missing(self):
        raise MissingError("Record does not exist")

    def _fail_lock(self):
        raise LockError("locked")

    def _fail_limited(self):
        raise TeahouseError("rate_limited", "Slowly.", retry_after=17)

    def _fail_code(self):
        raise TeahouseError("no_such_code", "secret")

    def _fail_data(self):
        request.env.cr.execute("SELECT 2147483648::bigint::int", log_exceptions=False)

    def _fail_integrity(self):
        request.env.cr.execute(
            "INSERT INTO teahouse_api_limit (key, minute, hits)"
            " VALUES ('probe', 1, 1), ('probe', 1, 1)",
            log_exceptions=False,
        )

    def _fail_exclusion(self):
        raise psycopg2.errors.ExclusionViolation("conflicting key value in secret_idx")

    def _fail_once(self):
        if "once" not in failed_before:
            failed_before.add("once")
            raise ConcurrencyError("could not serialize")
