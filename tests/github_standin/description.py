"""The published OpenAPI description of GitHub's releases: which operation a request is, and whether request and answer obey it.

Two things that the description says in prose alone are added here: an asset may be in state `starter` (upload operation), and answers that no
operation lists (401, 403, 422 and server errors) carry `basic-error` or `validation-error`.
"""

import functools
import json
import re
import urllib.parse
from pathlib import Path
from typing import NamedTuple

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

FILE = Path(__file__).resolve().parents[1] / "data" / "github-releases-openapi.json"
API, UPLOADS = "https://api.github.com", "https://uploads.github.com"
ERRORS = {"401", "403", "404", "409", "422"}


class Violation(Exception):
    """What the description forbids; the text says why."""


class Operation(NamedTuple):
    name: str  # operationId without `repos/`
    template: str
    method: str
    server: str
    pattern: re.Pattern
    definition: dict


class Call(NamedTuple):
    operation: Operation
    path: dict
    query: dict


class _Request:
    """What openapi-core asks of a request."""

    def __init__(self, operation, path, query, body, content_type):
        self.host_url, self.method = operation.server, operation.method
        # A parameter of several segments is one segment to openapi-core.
        quoted = {name: urllib.parse.quote(value, safe="") for name, value in path.items()}
        self.path = operation.template.format(**quoted)
        self.parameters = RequestParameters(query=ImmutableMultiDict(query), header=Headers(), cookie=ImmutableMultiDict(), path={})
        self.body, self.content_type = body, content_type


class _Answer:
    def __init__(self, status, headers, body):
        self.status_code, self.data = status, body
        self.headers = Headers(headers)
        self.content_type = self.headers.get("Content-Type", "").partition(";")[0]


def _reason(error):
    inner = error
    while inner.__cause__ is not None:
        inner = inner.__cause__
    details = "; ".join(f"{'/'.join(map(str, item.absolute_path))}: {item.message}" for item in getattr(inner, "schema_errors", None) or [])
    return details or str(inner) or type(inner).__name__


def _resolved(document, node):
    while "$ref" in node:
        node = functools.reduce(lambda place, key: place[key], node["$ref"].removeprefix("#/").split("/"), document)
    return node


class Description:
    def __init__(self):
        self.document = json.loads(FILE.read_text(encoding="utf-8"))
        schemas = self.document["components"]["schemas"]
        schemas["release-asset"]["properties"]["state"]["enum"].append("starter")
        self._core = OpenAPI.from_dict(self.document)
        self._error_schemas = [self.document["components"]["schemas"][name] for name in ("validation-error", "basic-error")]
        self.operations = [self._operation(template, method, definition)
                           for template, methods in self.document["paths"].items() for method, definition in methods.items()]
        # `releases/latest` before `releases/{release_id}`: literal segments first.
        self.operations.sort(key=lambda operation: operation.template.count("{"))

    def _operation(self, template, method, definition):
        many = {_resolved(self.document, item)["name"] for item in definition.get("parameters", [])
                if _resolved(self.document, item).get("x-multi-segment")}
        parts = [f"(?P<{part[1:-1]}>{'.+' if part[1:-1] in many else '[^/]+'})" if part.startswith("{") else re.escape(part)
                 for part in template.split("/")]
        server = definition.get("servers", self.document["servers"])[0]["url"]
        return Operation(definition["operationId"].removeprefix("repos/"), template, method, server, re.compile("/".join(parts)), definition)

    def find_call(self, server, method, target):
        """The operation of `METHOD /path?query` on a server, None where the description has none."""
        path, _, query = target.partition("?")
        pairs = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        for operation in self.operations:
            if operation.server == server and operation.method == method.lower() and (found := operation.pattern.fullmatch(path)):
                return Call(operation, {name: urllib.parse.unquote(value) for name, value in found.groupdict().items()}, pairs)
        return None

    def check_request(self, call, body, content_type):
        """`body` is None where it was not read (bytes of an asset); unknown parameters and properties are refused, as typing errors."""
        operation = call.operation
        known = {_resolved(self.document, item)["name"] for item in operation.definition.get("parameters", [])}
        if unknown := set(call.query) - known:
            raise Violation(f"{operation.name}: no query parameter is called {sorted(unknown)}")
        accepted = operation.definition.get("requestBody", {}).get("content", {})
        if body and not accepted:
            raise Violation(f"{operation.name}: takes no body")
        if "application/octet-stream" in accepted:
            body, content_type = b"", "application/octet-stream"  # the description's type for all bytes; any media type may be sent
        if body and (schema := accepted.get("application/json", {}).get("schema")):
            try:
                if unknown := set(json.loads(body)) - set(schema["properties"]):
                    raise Violation(f"{operation.name}: no property is called {sorted(unknown)}")
            except ValueError as error:
                raise Violation(f"{operation.name}: the body is no JSON: {error}") from error
        try:
            self._core.validate_request(_Request(operation, call.path, call.query, body or None, content_type))
        except OpenAPIError as error:
            raise Violation(f"{operation.name}: {_reason(error)}") from error

    def check_answer(self, call, status, headers, body):
        operation = call.operation
        stated = operation.definition["responses"].get(str(status))
        if stated is None and str(status) not in ERRORS:
            raise Violation(f"{operation.name}: no answer {status} is described")
        if stated is None or (str(status) in ERRORS and "content" not in _resolved(self.document, stated)):
            return self._check_error(operation, status, body)
        try:
            self._core.validate_response(_Request(operation, call.path, call.query, None, ""), _Answer(status, headers, body))
        except OpenAPIError as error:
            raise Violation(f"{operation.name}: answer {status}: {_reason(error)}") from error
        return None

    def _check_error(self, operation, status, body):
        schema = self._error_schemas[0 if status == 422 else 1]
        data = json.loads(body)
        if missing := {"message", "documentation_url"} - set(data):
            raise Violation(f"{operation.name}: answer {status} lacks {sorted(missing)}")
        if unknown := set(data) - set(schema["properties"]) - {"status"}:
            raise Violation(f"{operation.name}: answer {status} has {sorted(unknown)}")


@functools.cache
def load_description():
    return Description()
