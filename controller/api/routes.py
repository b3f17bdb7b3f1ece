"""The table of every route: the application, the gate and the OpenAPI document are all made from it."""

from aiohttp import web

from controller.api import bodies, events, login, operations, pages, results, schemas, trends, ward
from controller.api.answers import answer
from controller.api.route import Query, Route
from controller.security.permissions import Permission

P = Permission
DOCUMENT: web.AppKey[dict[str, object]] = web.AppKey("document", dict)
"""The OpenAPI document."""


async def _openapi(request: web.Request) -> web.StreamResponse:
    return answer(request.config_dict[DOCUMENT])


_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": trends.MOST_METRICS}
_MS = {"type": "integer", "minimum": 0}
_POINTS = {"type": "integer", "minimum": 1, "maximum": trends.MOST_POINTS, "default": trends.POINTS}
_TREND = (
    Query("metric", "names of metrics: repeat it", _NAMES),
    Query("from_ms", "beginning, ms since 1970", _MS),
    Query("to_ms", "end, ms since 1970", _MS),
    Query("points", "steps", _POINTS, required=False),
)
_PUBLIC, _BOARD, _VENDOR = (pages.load(folder) for folder in ("public", "board", "vendor"))
_EVENTS, _HTML = "text/event-stream", "text/html"

# fmt: off
TABLE: tuple[Route, ...] = (
    Route("POST", "/api/login", "login", login.log_in, P.PUBLIC,
          "Log in: sets the session cookie", body=bodies.LoginBody, refusals=(400, 401, 429, 503)),
    Route("POST", "/api/logout", "logout", login.log_out, P.LOGGED_IN, "Log out"),
    Route("GET", "/api/me", "me", login.me, P.LOGGED_IN, "Who is logged in", answer=schemas.Me),
    Route("GET", "/api/openapi.json", "openapi", _openapi, P.LOGGED_IN,
          "This document", answer=schemas.Document),

    Route("GET", "/api/snapshot", "snapshot", ward.snapshot, P.READ_WARD,
          "Everything that is true now", answer=schemas.Snapshot),
    Route("GET", "/api/events", "events", events.events, P.READ_WARD,
          "A snapshot, then every change; goes on after Last-Event-ID", media=_EVENTS),
    Route("GET", "/api/wards", "wards", ward.wards, P.READ_WARD, "All wards", answer=schemas.WardList),
    Route("GET", "/api/beds/{bed}", "bed", ward.bed, P.READ_WARD,
          "One bed, its devices and newest values", answer=schemas.BedDetail, refusals=(404,)),
    Route("PUT", "/api/beds/{bed}/patient", "admit", ward.admit, P.ASSIGN,
          "Put a patient on a bed", body=bodies.PatientBody, refusals=(400, 404, 409, 503)),
    Route("DELETE", "/api/beds/{bed}/patient", "discharge", ward.discharge, P.ASSIGN,
          "Nobody is on the bed any more", refusals=(404, 503)),
    Route("GET", "/api/beds/{bed}/trends", "trends", trends.trends, P.READ_WARD,
          "Metrics of the bed's present patient over time",
          answer=schemas.Trends, query=_TREND, refusals=(400, 404, 503)),
    Route("GET", "/api/beds/{bed}/results", "results", results.results, P.READ_WARD,
          "Laboratory results of the bed's present patient",
          answer=schemas.Results, refusals=(404, 503)),
    Route("GET", "/api/devices", "devices", ward.devices, P.READ_WARD,
          "All devices", answer=schemas.DeviceList),
    Route("PUT", "/api/devices/{device}/bed", "assign", ward.assign, P.ASSIGN,
          "Put a device on a bed, or take it off", body=bodies.DeviceBedBody, refusals=(400, 404, 503)),
    Route("GET", "/api/gateways", "gateways", ward.gateways, P.READ_WARD,
          "All gateways", answer=schemas.GatewayList),

    Route("GET", "/api/ledger", "ledger", operations.ledger, P.READ_OPERATIONS,
          "For each journal: produced, committed, missing, duplicated, quarantined, shed",
          answer=schemas.Ledger, refusals=(503,)),
    Route("GET", "/api/quarantine", "quarantine", operations.quarantine, P.READ_OPERATIONS,
          "Messages that could not be read", answer=schemas.Quarantine, refusals=(503,)),

    Route("GET", "/", "page-board", pages.serve(_BOARD, "board.html"), P.READ_WARD, "The board", media=_HTML),
    Route("GET", "/login", "page-login", pages.serve(_PUBLIC, "login.html"), P.PUBLIC,
          "The login", media=_HTML),
    Route("GET", "/public/{path:.+}", "files-public", pages.serve(_PUBLIC), P.PUBLIC, "Files", media=_HTML),
    Route("GET", "/board/{path:.+}", "files-board", pages.serve(_BOARD), P.READ_WARD, "Files", media=_HTML),
    Route("GET", "/vendor/{path:.+}", "files-vendor", pages.serve(_VENDOR), P.READ_WARD,
          "Files", media=_HTML),
)
# fmt: on
