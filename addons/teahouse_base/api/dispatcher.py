"""The dispatcher of the API: JSON in, JSON out, problem documents for refusals."""

import json
import logging
import uuid

import psycopg2
import pydantic
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from odoo import modules
from odoo.exceptions import AccessDenied, AccessError, MissingError, UserError
from odoo.http import Dispatcher, Response
from odoo.tools.json import json_default

from ..exceptions import TeahouseError
from . import schema as schemas
from . import strictjson, validation
from .cors import cors_headers
from .problem import CODES, PROBLEM_TYPE, problem
from .route import body_schema

_logger = logging.getLogger(__name__)

_HTTP_CODES = {
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    413: "too_large",
    429: "rate_limited",
}
JSON_TYPE = "application/json; charset=utf-8"


class TeahouseDispatcher(Dispatcher):
    """Serves the routes that are declared with ``api_route``."""

    routing_type = "teahouse"
    mimetypes = ("application/json", "multipart/form-data")

    def __init__(self, request):
        super().__init__(request)
        self.request_id = uuid.uuid4().hex
        request.params = {}

    @classmethod
    def is_compatible_with(cls, request):
        # A wrong content type is refused with a problem document, in dispatch.
        return True

    # Going in

    def dispatch(self, endpoint, args):
        request = self.request
        declaration = endpoint.routing["teahouse"]
        if declaration is None:
            raise endpoint.refusal
        if request.httprequest.method == "OPTIONS":
            return Response(status=204, headers=[("Allow", allowed_methods(request))])
        try:
            return self._serve(endpoint, declaration, args)
        except (psycopg2.DataError, OverflowError) as error:
            # A value that passed the schema and yet fits no column.
            raise TeahouseError(
                "invalid_request", request.env._("The request is not valid.")
            ) from error

    def _serve(self, endpoint, declaration, args):
        request = self.request
        env = request.env
        self._check_path(args)
        env["teahouse.api.limit"]._admit(declaration, request)
        params = dict(args)
        query = validation.validate_query(
            env,
            self._schema(declaration.query or schemas.NoFields),
            request.httprequest.args,
        )
        if declaration.query:
            params["query"] = query
        value = None
        if declaration.upload:
            params["file"] = self._read_upload(declaration)
        elif declaration.method != "GET":
            value = self._read_json()
            body = validation.validate_body(
                env, self._schema(body_schema(declaration)), value
            )
            if declaration.request:
                params["body"] = body
        request.params = params
        claims = env["teahouse.api.idempotency"]
        if declaration.admit:
            store = claims._look(declaration, request, value)
            if store.answered:
                return self._json_response(store.status, store.body, replayed=True)
            model, method = declaration.admit
            getattr(env[model], method)(params["body"])
        store = claims._claim(declaration, request, value)
        if store.answered:
            return self._json_response(store.status, store.body, replayed=True)
        result = request.registry["ir.http"]._dispatch(endpoint)
        if isinstance(result, Response):
            return result
        text = self._dump(declaration, result)
        store.keep(declaration.status, text)
        return self._json_response(declaration.status, text)

    def _check_path(self, args):
        for value in args.values():
            if isinstance(value, int):
                wrong = not 0 < value <= strictjson.MAX_INTEGER
            else:
                wrong = not strictjson.is_clean(value) or len(value) > 255
            if wrong:
                raise TeahouseError("not_found", self.request.env._("Not found."))

    def _schema(self, schema):
        return schemas.for_modules(schema, self.request.registry._init_modules)

    def _read_json(self):
        http_request = self.request.httprequest
        raw = http_request.get_data()
        if not raw:
            return {}
        if http_request.mimetype != "application/json":
            env = self.request.env
            message = env._("The body must be of type application/json.")
            errors = [{"field": "Content-Type", "message": message}]
            raise TeahouseError("invalid_request", message, errors)
        return validation.read_json(self.request.env, raw)

    def _read_upload(self, declaration):
        http_request = self.request.httprequest
        name = declaration.upload
        given = http_request.mimetype == "multipart/form-data"
        files = http_request.files.getlist(name) if given else []
        unknown = given and (
            list(http_request.form) + [n for n in http_request.files if n != name]
        )
        if len(files) != 1 or unknown:
            errors = [(str(item)[:64], "extra_forbidden") for item in unknown or ()]
            if len(files) != 1:
                errors.append((name, "missing" if not files else "repeated"))
            raise validation.refusal(self.request.env, errors)
        return files[0]

    # Going out

    def _dump(self, declaration, result):
        if declaration.status == 204:
            return ""
        text = json.dumps(result, ensure_ascii=False, default=json_default)
        if modules.module.current_test and declaration.response:
            try:
                self._schema(declaration.response).model_validate_json(text)
            except pydantic.ValidationError as error:
                raise AssertionError(
                    f"{declaration.method} {declaration.path} answers what it does "
                    f"not declare: {error}"
                ) from error
        return text

    def _json_response(self, status, text, replayed=False):
        headers = [("Content-Type", JSON_TYPE)] if text else []
        if replayed:
            headers.append(("Idempotent-Replayed", "true"))
        return Response(text, status=status, headers=headers)

    def post_dispatch(self, response):
        super().post_dispatch(response)
        self._finish(response)

    def _finish(self, response):
        headers = response.headers
        headers["X-Request-Id"] = self.request_id
        headers.setdefault("Cache-Control", "no-store")
        headers["Vary"] = "Accept-Language, Authorization, Origin"
        for name, value in cors_headers(self.request):
            headers[name] = value

    # Refusals

    def handle_error(self, exc):
        code, detail, errors, status = self._classify(exc)
        # No look at the database: its transaction may be aborted, or gone.
        body = problem(
            getattr(self.request, "teahouse_lang", "en_US"),
            code,
            detail,
            errors=errors,
            request_id=self.request_id,
            status=status,
        )
        if code == "internal":
            _logger.error("Request %s failed unexpectedly.", self.request_id)
        else:
            # A client's mistake is no event of the server: one line, no traceback.
            exc.loglevel = logging.INFO
        response = Response(
            json.dumps(body, ensure_ascii=False),
            status=body["status"],
            headers=[("Content-Type", PROBLEM_TYPE)],
        )
        self._add_error_headers(response, exc, code)
        self._finish(response)
        return response

    def _classify(self, exc):
        """Return (code, detail, field errors, status) of any exception."""
        if isinstance(exc, TeahouseError):
            return exc.code, str(exc.args[0]), exc.errors, None
        if isinstance(exc, RequestEntityTooLarge):
            return "too_large", None, None, None
        if isinstance(exc, HTTPException):
            if exc.code == 405:
                return "invalid_request", None, None, 405
            if exc.code in _HTTP_CODES:
                return _HTTP_CODES[exc.code], None, None, None
            client = 400 <= (exc.code or 500) < 500
            return "invalid_request" if client else "internal", None, None, None
        if isinstance(exc, AccessDenied):
            return "unauthenticated", None, None, None
        if isinstance(exc, (AccessError, MissingError)):
            # A record of somebody else is not there.
            return "not_found", None, None, None
        if isinstance(exc, UserError):
            return self._classify_user_error(exc)
        return "internal", None, None, None

    def _classify_user_error(self, exc):
        cause = exc.__cause__
        if isinstance(cause, psycopg2.IntegrityError):
            # The text names columns and constraints: it stays inside.
            conflict = isinstance(
                cause,
                (psycopg2.errors.ExclusionViolation, psycopg2.errors.UniqueViolation),
            )
            return "invalid_state" if conflict else "invalid_request", None, None, None
        if exc.http_status == 409:
            return "invalid_state", None, None, None
        return "invalid_request", str(exc.args[0]) if exc.args else None, None, None

    def _add_error_headers(self, response, exc, code):
        if code == "unauthenticated":
            response.headers["WWW-Authenticate"] = 'Bearer realm="teahouse"'
        retry_after = getattr(exc, "retry_after", None)
        if retry_after or code == "rate_limited":
            response.headers["Retry-After"] = str(max(1, int(retry_after or 60)))
        if isinstance(exc, HTTPException) and exc.code == 405:
            response.headers["Allow"] = ", ".join(sorted(exc.valid_methods or ()))


def allowed_methods(request):
    """Return the methods of the request's path, as the Allow header lists them."""
    adapter = request.env["ir.http"].routing_map().bind("")
    found = adapter.allowed_methods(request.httprequest.path)
    return ", ".join(sorted(set(found) | {"OPTIONS"}))


__all__ = ["CODES", "TeahouseDispatcher"]
