"""The OpenAPI 3.1 document, made from the declarations of the routes."""

import re
from typing import Any

import pydantic
from pydantic.json_schema import models_json_schema

from . import schema as schemas
from .problem import CODES, PROBLEM_TYPE, title_of
from .route import PREFIX, UPLOAD_LIMIT

_REFERENCE = "#/components/schemas/{model}"
_PARAMETER = re.compile(r"<(?:(?P<kind>\w+)(?:\([^)]*\))?:)?(?P<name>\w+)>")
_PATH_SCHEMAS = {
    "int": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
    "string": {"type": "string", "minLength": 1, "maxLength": 255},
}
_STATUS_TEXTS = {
    200: "Done",
    201: "Created",
    202: "Accepted; it will be done",
    204: "Done; no content",
}
_DESCRIPTION = """\
JSON in, JSON out, UTF-8. Members send `Authorization: Bearer TOKEN`. Instants are
ISO 8601 with offset and are answered on the clock of the store; amounts are decimal
strings. Unknown fields are refused. Every refusal is a problem document with a
stable `code`; its `detail` is in the language of Accept-Language (zh-CN or en)."""


class FieldError(schemas.Schema):
    """What is wrong with one field."""

    field: str
    message: str


class Problem(schemas.Schema):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str = pydantic.Field(json_schema_extra={"enum": list(CODES)})
    detail: str
    errors: list[FieldError]
    request_id: str | None = None


def build(routes, installed, version, server=PREFIX):
    """Return the OpenAPI document as a dict.

    :param routes: (operation name, Declaration) pairs
    :param set installed: modules whose schema extensions count
    :param str version: of the implementation
    :param str server: base URL of the paths
    """
    return _Builder(routes, installed).document(version, server)


class _Builder:
    def __init__(self, routes, installed):
        self._routes = sorted(routes, key=lambda pair: (pair[1].path, pair[1].method))
        self._installed = installed
        wanted = {(Problem, "serialization")}
        for _name, route in self._routes:
            for declared, mode in (
                (route.request, "validation"),
                (route.query, "validation"),
                (route.response, "serialization"),
            ):
                if declared:
                    wanted.add((self._resolved(declared), mode))
        # Sorted: the same routes give the same document.
        ordered = sorted(wanted, key=lambda pair: (pair[0].__name__, pair[1]))
        self._references, definitions = models_json_schema(
            ordered, ref_template=_REFERENCE
        )
        self._definitions = definitions.get("$defs", {})

    def _resolved(self, declared):
        return schemas.for_modules(declared, self._installed)

    def document(self, version, server):
        paths: dict[str, dict[str, Any]] = {}
        for name, route in self._routes:
            path = _PARAMETER.sub(r"{\g<name>}", route.path)
            operation = self._operation(name, route)
            paths.setdefault(path, {})[route.method.lower()] = operation
        tags = sorted({tag for _name, route in self._routes for tag in route.tags})
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "Teahouse",
                "version": version,
                "description": _DESCRIPTION,
                "license": {"name": "LGPL-3.0", "identifier": "LGPL-3.0-only"},
            },
            "servers": [{"url": server}],
            "tags": [{"name": tag} for tag in tags],
            "paths": paths,
            "components": {
                "schemas": self._components(),
                "securitySchemes": {
                    "member": {
                        "type": "http",
                        "scheme": "bearer",
                        "description": "Token of POST /auth/sessions.",
                    }
                },
            },
        }

    def _components(self):
        """Return the definitions without those of queries, which are parameters."""
        queries = {
            self._name_of(self._resolved(route.query))
            for _name, route in self._routes
            if route.query
        }
        return {k: v for k, v in self._definitions.items() if k not in queries}

    def _name_of(self, schema, mode="validation"):
        return self._references[(schema, mode)]["$ref"].rpartition("/")[2]

    def _operation(self, name, route):
        operation = {
            "operationId": name,
            "summary": route.summary or name.replace("_", " ").capitalize(),
            "tags": list(route.tags),
            "parameters": [*self._path_parameters(route), *self._parameters(route)],
            "responses": self._responses(route),
            "security": [{"member": []}],
        }
        if route.auth == "public":
            operation["security"].append({})
        if route.upload:
            operation["requestBody"] = self._upload_body(route)
        elif route.request:
            operation["requestBody"] = self._json_body(route)
        return operation

    def _json_body(self, route):
        schema = self._resolved(route.request)
        reference = self._references[(schema, "validation")]
        content = {"schema": reference, "example": self.example(reference)}
        return {
            "required": any(f.is_required() for f in schema.model_fields.values()),
            "content": {"application/json": content},
        }

    @staticmethod
    def _upload_body(route):
        image = {"type": "string", "format": "binary", "maxLength": UPLOAD_LIMIT}
        form = {
            "type": "object",
            "properties": {route.upload: image},
            "required": [route.upload],
            "additionalProperties": False,
        }
        return {"required": True, "content": {"multipart/form-data": {"schema": form}}}

    @staticmethod
    def _path_parameters(route):
        for match in _PARAMETER.finditer(route.path):
            kind = match["kind"] or "string"
            yield {
                "name": match["name"],
                "in": "path",
                "required": True,
                "schema": _PATH_SCHEMAS.get(kind, _PATH_SCHEMAS["string"]),
            }

    def _parameters(self, route):
        if route.query:
            definition = self._definitions[self._name_of(self._resolved(route.query))]
            required = definition.get("required", ())
            for name, schema in definition.get("properties", {}).items():
                parameter = {
                    "name": name,
                    "in": "query",
                    "required": name in required,
                    "schema": _without_null(schema),
                }
                if description := schema.get("description"):
                    parameter["description"] = description
                yield parameter
        yield {
            "name": "Accept-Language",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "examples": ["zh-CN"]},
        }
        if route.idempotency:
            yield {
                "name": "Idempotency-Key",
                "in": "header",
                "required": route.idempotency == "required",
                "description": "The same key with the same body gives the first "
                "answer again, for 24 hours.",
                "schema": {
                    "type": "string",
                    "pattern": r"^[\x21-\x7e]{1,64}$",
                    "examples": ["5f0c1c2e-8f0b-4a53-9d3e-2f6f6a1f7a10"],
                },
            }

    def _responses(self, route):
        success = {"description": _STATUS_TEXTS.get(route.status, "Done")}
        if route.status != 204:
            content = {"schema": {}}
            if route.response:
                schema = self._resolved(route.response)
                reference = self._references[(schema, "serialization")]
                content = {"schema": reference, "example": self.example(reference)}
            success["content"] = {route.media_type: content}
        responses = {str(route.status): success}
        by_status: dict[int, list[str]] = {}
        for code in self._codes(route):
            by_status.setdefault(CODES[code][0], []).append(code)
        for status, codes in sorted(by_status.items()):
            responses[str(status)] = self._problem_response(status, codes)
        return responses

    @staticmethod
    def _codes(route):
        """Return the codes that a route may answer, general ones included."""
        codes = ["invalid_request", "internal"]
        if route.auth == "member":
            codes.append("unauthenticated")
        if "<" in route.path:
            codes.append("not_found")
        if route.method != "GET":
            codes.append("too_large")
        if route.idempotency:
            codes.append("idempotency_mismatch")
        if route.rate:
            codes.append("rate_limited")
        return list(dict.fromkeys([*codes, *route.errors]))

    def _problem_response(self, status, codes):
        examples = {
            code: {
                "value": {
                    "type": f"{PREFIX}/docs#{code}",
                    "title": title_of(code),
                    "status": status,
                    "code": code,
                    "detail": title_of(code),
                    "errors": [],
                    "request_id": "0f8e9fe6bf6f4d07abf217cdb76e2f94",
                }
            }
            for code in codes
        }
        reference = self._references[(Problem, "serialization")]
        response = {
            "description": ", ".join(codes),
            "content": {PROBLEM_TYPE: {"schema": reference, "examples": examples}},
        }
        if status in (429, 503):
            response["headers"] = {
                "Retry-After": {
                    "description": "Seconds to wait.",
                    "schema": {"type": "integer", "minimum": 1},
                }
            }
        return response

    def example(self, schema, depth=0):
        """Return a sample value of a JSON schema."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return self.example(self._definitions[name], depth + 1)
        if examples := schema.get("examples"):
            return examples[0]
        for key in ("const", "default"):
            if schema.get(key) is not None:
                return schema[key]
        if enum := schema.get("enum"):
            return enum[0]
        for key in ("anyOf", "oneOf", "allOf"):
            if key in schema:
                return self.example(schema[key][0], depth + 1)
        return self._example_of_type(schema, depth)

    def _example_of_type(self, schema, depth):
        kind = schema.get("type")
        if kind == "object":
            if depth > 6:
                return {}
            properties = schema.get("properties", {})
            return {k: self.example(v, depth + 1) for k, v in properties.items()}
        if kind == "array":
            return [self.example(schema.get("items", {}), depth + 1)]
        if kind in ("integer", "number"):
            return max(schema.get("minimum", 1), 1)
        return {"boolean": True, "null": None, "string": "…"}.get(kind)


def _without_null(schema):
    """Return the schema of a parameter that is left out rather than null."""
    options = [s for s in schema.get("anyOf", ()) if s.get("type") != "null"]
    if "anyOf" not in schema:
        return schema
    rest = {k: v for k, v in schema.items() if k != "anyOf" and k != "default"}
    return {**rest, **options[0]} if len(options) == 1 else {**rest, "anyOf": options}
