"""The OpenAPI 3.1 document, made from the table that serves."""

import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from controller.api.route import Query, Route
from controller.api.schemas import Error
from controller.api.token_scopes import NEEDS
from controller.security.cookie import COOKIE
from controller.security.permissions import WHILE_LOCKED, Permission

Json = dict[str, Any]
_REFERENCE = "#/components/schemas/{model}"
_OUTCOME = "application/fhir+json"
_MEANING = {
    400: "Something in the request is not as described here",
    401: "There is no valid session, or the login is wrong",
    403: "The role lacks the permission, or the request comes from a foreign page",
    404: "There is no such thing",
    406: "It cannot be given in a form that is taken",
    409: "It is taken",
    412: "Somebody else changed it meanwhile: look at what it is now",
    500: "It was tried, and failed",
    422: "The pixel data cannot be decoded",
    423: "The screen is locked: unlock it",
    428: "It is not said what is to be replaced: see If-Match",
    429: "Too many requests: wait as Retry-After says",
    503: "The database cannot be used now",
    507: "There is no room: nothing was kept",
}


def document(table: Iterable[Route]) -> Json:
    """The document of those routes of `table` that are under /api."""
    routes = [route for route in table if route.path.startswith("/api/")]
    models: set[type[BaseModel]] = {Error}
    for route in routes:
        models |= {model for model in (route.body, route.answer) if model}
    ordered = sorted(models, key=lambda model: model.__name__)
    _, schemas = models_json_schema([(m, "validation") for m in ordered], ref_template=_REFERENCE)
    paths: dict[str, Json] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Wardlink controller", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": schemas["$defs"],
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "token": {"type": "http", "scheme": "bearer", "description": "an API token, wl_…"},
            },
        },
    }


def _operation(route: Route) -> Json:
    operation: Json = {
        "operationId": route.name,
        "summary": route.summary,
        "x-permission": route.permission.value,
        "parameters": [_path_parameter(name) for name in re.findall(r"{(\w+)}", route.path)]
        + [_parameter(query, "query") for query in route.query]
        + [_parameter(header, "header") for header in route.headers],
        "responses": _responses(route),
        "security": _security(route),
    }
    if route.body:
        operation["requestBody"] = {"required": True, "content": _content(route.body)}
    elif route.takes:
        operation["requestBody"] = {"required": True, "content": {route.takes: {"schema": {}}}}
    return operation


def _security(route: Route) -> list[Json]:
    """Ways to be let in, each enough: none is needed, a session, or a token with all of these scopes."""
    if route.permission is Permission.PUBLIC:
        return []
    scopes = NEEDS.get(route.name)
    return [{"session": []}] + ([] if scopes is None else [{"token": [str(one) for one in sorted(scopes)]}])


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _parameter(query: Query, where: str) -> Json:
    return {
        "name": query.name,
        "in": where,
        "required": query.required,
        "description": query.meaning,
        "schema": dict(query.schema),
    }


def _responses(route: Route) -> Json:
    if route.answer:
        right: Json = {"200": {"description": "As asked", "content": _content(route.answer)}}
    elif route.media == "application/json":
        right = {"204": {"description": "Done"}}
    else:
        content = {media: {"schema": _other(media)} for media in (route.media, *route.other_media)}
        right = {"200": {"description": "As asked", "content": content}}
    if route.goes_on:
        right["202"] = {"description": "It is begun, or goes on"}
    gate = () if route.permission is Permission.PUBLIC else (401, 403)
    gate += () if route.permission in {Permission.PUBLIC, *WHILE_LOCKED} else (423,)
    gate += (429,) if route.name in NEEDS else ()
    foreign = () if route.method == "GET" or route.by_servers else (403,)
    for status in sorted({*gate, *foreign, *route.refusals}):
        told = {_OUTCOME: {"schema": _other(_OUTCOME)}} if route.goes_on or route.outcomes else {}
        content = _content(Error) | told
        right[str(status)] = {"description": _MEANING[status], "content": content}
    return right


def _other(media: str) -> Json:
    """Of JSON that others have described, FHIR's, anything."""
    return {} if media.endswith("json") else {"type": "string"}


def _content(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model.__name__)}}}
