"""A row of the route table: what serves it, what it asks for, what it takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from controller.security.permissions import Permission


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter after the question mark, or a header; `schema` is JSON Schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Route:
    """A way in. `answer` None: 204, no body; `media` other than JSON has no model."""

    method: str
    path: str
    name: str
    handler: Handler
    permission: Permission
    summary: str
    body: type[BaseModel] | None = None
    takes: str = ""
    """The media type of a body that is not JSON."""
    answer: type[BaseModel] | None = None
    media: str = "application/json"
    other_media: tuple[str, ...] = ()
    """Of the answer, if who asks can choose."""
    query: tuple[Query, ...] = ()
    headers: tuple[Query, ...] = ()
    """Of the request, beside those that every one has."""
    by_servers: bool = False
    """Other servers call it, which have no cookie and name no Origin: what they send is signed."""
    goes_on: bool = False
    """It may answer 202 (RFC 9110): what was asked for is begun, or still under way (FHIR's
    asynchronous pattern, whose refusals are OperationOutcomes)."""
    outcomes: bool = False
    """Its refusals may be OperationOutcomes, too, though it does not go on."""
    on_duty: bool = False
    """Of several controllers the one on duty answers it (controller/api/elsewhere.py): what it needs is in
    that one's memory, or in its folder."""
    refusals: tuple[int, ...] = field(default=())
    """Statuses beside those that the gate gives."""


def on_duty(table: tuple[Route, ...], *names: str) -> tuple[Route, ...]:
    """The same, those of these names on duty; without names all but pages and their files."""
    marked = set(names) or {route.name for route in table if route.media != "text/html"}
    return tuple(replace(route, on_duty=route.on_duty or route.name in marked) for route in table)


def add_routes(app: web.Application, table: tuple[Route, ...]) -> None:
    """Put every row of the table into the application."""
    for route in table:
        app.router.add_route(route.method, route.path, route.handler, name=route.name)
