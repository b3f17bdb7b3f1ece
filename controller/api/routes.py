"""The table of every route: the application, the gate and the OpenAPI document are all made from it."""

from aiohttp import web

from controller.api import (
    bodies,
    events,
    ledger_schemas,
    operations,
    pages,
    results,
    schemas,
    trends,
    ward,
    waveforms,
)
from controller.api.alarm_routes import ALARM_ROUTES
from controller.api.answers import answer
from controller.api.arrivals_routes import ARRIVAL_ROUTES
from controller.api.assessment_routes import ASSESSMENT_ROUTES
from controller.api.audit_routes import AUDIT_ROUTES
from controller.api.badges_routes import BADGES_ROUTES
from controller.api.bulk_routes import BULK_ROUTES
from controller.api.cds_routes import CDS_ROUTES
from controller.api.cohorts_routes import COHORTS_ROUTES
from controller.api.cold_routes import COLD_ROUTES
from controller.api.conferences_routes import CONFERENCES_ROUTES
from controller.api.crew_routes import CREW_ROUTES
from controller.api.findings_routes import FINDINGS_ROUTES
from controller.api.firmware_routes import FIRMWARE_ROUTES
from controller.api.gateway_routes import GATEWAY_ROUTES
from controller.api.handover_routes import HANDOVER_ROUTES
from controller.api.imaging_routes import IMAGING_ROUTES
from controller.api.inventory_routes import INVENTORY
from controller.api.models_routes import MODELS_ROUTES
from controller.api.my_recordings_routes import MY_RECORDINGS_ROUTES
from controller.api.my_routes import MY_ROUTES
from controller.api.my_targets import TARGETS_ROUTES
from controller.api.observed_routes import OBSERVED_ROUTES
from controller.api.oidc_routes import OIDC_ROUTES
from controller.api.order_routes import ORDER_ROUTES
from controller.api.partners_routes import PARTNERS_ROUTES
from controller.api.passkey_routes import PASSKEY_ROUTES
from controller.api.patient_images_routes import PATIENT_IMAGES_ROUTES
from controller.api.patients_routes import PATIENTS_ROUTES
from controller.api.payments_routes import PAYMENTS_ROUTES
from controller.api.people_routes import PEOPLE_ROUTES
from controller.api.pharmacy_notices_routes import PHARMACY_NOTICES_ROUTES
from controller.api.pharmacy_routes import PHARMACY_ROUTES
from controller.api.prescriptions_routes import PRESCRIPTIONS_ROUTES
from controller.api.quality_routes import QUALITY_ROUTES
from controller.api.radiology_routes import RADIOLOGY_ROUTES
from controller.api.recordings_routes import RECORDINGS_ROUTES
from controller.api.research_routes import RESEARCH_ROUTES
from controller.api.robots_routes import ROBOTS_ROUTES
from controller.api.round_routes import ROUND_ROUTES
from controller.api.route import Query, Route, on_duty
from controller.api.signing_routes import SIGNING_ROUTES
from controller.api.takeover_routes import TAKEOVER_ROUTES
from controller.api.token_routes import TOKEN_ROUTES
from controller.api.visit_notes_routes import VISIT_NOTES_ROUTES
from controller.api.visits_routes import ROOMS_ROUTES, VISITS_ROUTES
from controller.security.permissions import Permission

P = Permission
DOCUMENT: web.AppKey[dict[str, object]] = web.AppKey("document", dict)
"""The OpenAPI document."""


async def _openapi(request: web.Request) -> web.StreamResponse:
    return answer(request.config_dict[DOCUMENT])


def _names(most: int) -> dict[str, object]:
    return {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": most}


_MS = {"type": "integer", "minimum": 0}
_POINTS = {"type": "integer", "minimum": 1, "maximum": trends.MOST_POINTS, "default": trends.POINTS}
_SPAN = (Query("from_ms", "beginning, ms since 1970", _MS), Query("to_ms", "end, ms since 1970", _MS))
_TREND = (
    Query("metric", "names of metrics: repeat it", _names(trends.MOST_METRICS)),
    *_SPAN,
    Query("points", "at most so many steps; long ones begin at whole minutes", _POINTS, required=False),
)
_WAVES = (
    Query("metric", "names: repeat it; without, all", _names(waveforms.MOST_METRICS), required=False),
    *_SPAN,
)
_GATEWAY = (Query("gateway", "a part of the gateway's id", {"type": "string"}, required=False),)
_LIMIT = {"type": "integer", "minimum": 1, "maximum": operations.MOST, "default": operations.PAGE}
_JOURNALS = (
    *_GATEWAY,
    Query("offset", "journals to leave out", {"type": "integer", "minimum": 0, "default": 0}, required=False),
    Query("limit", "at most so many journals", _LIMIT, required=False),
)
_PUBLIC, _BOARD, _LEDGER, _VENDOR = (pages.load(folder) for folder in ("public", "board", "ledger", "vendor"))
_EVENTS, _HTML = "text/event-stream", "text/html"
PROVED = (
    *("login", "unlock", "change-password", "offer-second-factor", "confirm-second-factor"),
    "glass-broken",
)
"""Passwords and codes are tried there: tries are counted in one place."""
RIDES = (
    *("deliveries", "robot-drawers", "delivery-custody", "delivery-robot", "delivery-received"),
    *("delivery-code", "delivery-state"),
)
"""They say where a robot is with it, and when it comes."""

# fmt: off
TABLE: tuple[Route, ...] = (
    *on_duty(PEOPLE_ROUTES, *PROVED),
    *on_duty(OIDC_ROUTES, "oidc-login", "oidc-callback"), *on_duty(PASSKEY_ROUTES), *TOKEN_ROUTES,
    *on_duty(SIGNING_ROUTES), *on_duty(BADGES_ROUTES),
    Route("GET", "/api/openapi.json", "openapi", _openapi, P.LOGGED_IN,
          "This document", answer=schemas.Document),

    Route("GET", "/api/snapshot", "snapshot", ward.snapshot, P.WATCH,
          "Everything that is true now", answer=schemas.Snapshot),
    Route("GET", "/api/events", "events", events.events, P.WATCH,
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
    Route("GET", "/api/beds/{bed}/waveforms", "waveforms", waveforms.waveforms, P.READ_WARD,
          "Waveforms of the bed's present patient, at most ten minutes of them",
          answer=schemas.Waveforms, query=_WAVES, refusals=(400, 404, 503)),
    Route("GET", "/api/beds/{bed}/results", "results", results.results, P.READ_WARD,
          "Laboratory results of the bed's present patient",
          answer=schemas.Results, refusals=(404, 503)),
    *ALARM_ROUTES,
    Route("GET", "/api/devices", "devices", ward.devices, P.READ_WARD,
          "All devices", answer=schemas.DeviceList),
    Route("PUT", "/api/devices/{device}/bed", "assign", ward.assign, P.ASSIGN,
          "Put a device on a bed, or take it off", body=bodies.DeviceBedBody, refusals=(400, 404, 409, 503)),
    Route("GET", "/api/gateways", "gateways", ward.gateways, P.READ_WARD,
          "All gateways", answer=schemas.GatewayList),

    Route("GET", "/api/ledger", "ledger", operations.ledger, P.READ_OPERATIONS,
          "What became of every block: sums, and journals lane by lane",
          answer=ledger_schemas.Ledger, query=_JOURNALS, refusals=(400, 503)),
    Route("GET", "/api/ledger/export", "ledger-export", operations.export, P.READ_OPERATIONS,
          "All of it as lines of JSON, for hil/ledger_checker.py",
          media="application/jsonl", refusals=(503,)),
    Route("GET", "/api/ledger/{journal}", "ledger-journal", operations.journal, P.READ_OPERATIONS,
          "One journal: which blocks, which gap records, which messages",
          answer=ledger_schemas.LedgerDetail, refusals=(400, 404, 503)),
    Route("GET", "/api/quarantine", "quarantine", operations.quarantine, P.READ_OPERATIONS,
          "Messages that could not be read",
          answer=ledger_schemas.Quarantine, query=_GATEWAY, refusals=(503,)),
    Route("GET", "/api/quarantine/{id}/message", "quarantined-message", operations.message, P.READ_OPERATIONS,
          "A message as it came", media="application/octet-stream", refusals=(404, 503)),

    Route("GET", "/", "page-board", pages.serve(_BOARD, "board.html"), P.WATCH, "The board", media=_HTML),
    Route("GET", "/login", "page-login", pages.serve(_PUBLIC, "login.html"), P.PUBLIC,
          "The login", media=_HTML),
    Route("GET", "/public/{path:.+}", "files-public", pages.serve(_PUBLIC), P.PUBLIC, "Files", media=_HTML),
    Route("GET", "/screen/{path:.+}", "files-screen", pages.serve(pages.shared()), P.PUBLIC,
          "Files", media=_HTML),
    Route("GET", "/board/{path:.+}", "files-board", pages.serve(_BOARD), P.OWN_ACCOUNT, "Files", media=_HTML),
    Route("GET", "/ledger", "page-ledger", pages.serve(_LEDGER, "ledger.html"), P.READ_OPERATIONS,
          "The ledger for engineers", media=_HTML),
    Route("GET", "/ledger/{path:.+}", "files-ledger", pages.serve(_LEDGER), P.READ_OPERATIONS,
          "Files", media=_HTML),
    Route("GET", "/vendor/{path:.+}", "files-vendor", pages.serve(_VENDOR), P.OWN_ACCOUNT,
          "Files", media=_HTML),
    *INVENTORY, *FIRMWARE_ROUTES,
    *GATEWAY_ROUTES,
    *ORDER_ROUTES,
    *AUDIT_ROUTES,
    *ASSESSMENT_ROUTES, *MODELS_ROUTES,
    *on_duty(ARRIVAL_ROUTES),
    *HANDOVER_ROUTES, *TAKEOVER_ROUTES,
    *on_duty(CREW_ROUTES, "crew", "watching"),
    *QUALITY_ROUTES,
    *on_duty(IMAGING_ROUTES + RADIOLOGY_ROUTES + PATIENT_IMAGES_ROUTES + FINDINGS_ROUTES),
    *PATIENTS_ROUTES,
    *PAYMENTS_ROUTES,
    *on_duty(ROBOTS_ROUTES),
    *PRESCRIPTIONS_ROUTES, *on_duty(PHARMACY_ROUTES, *RIDES), *on_duty(COLD_ROUTES), *PHARMACY_NOTICES_ROUTES,
    *ROUND_ROUTES, *on_duty(MY_ROUTES + VISITS_ROUTES + ROOMS_ROUTES),
    *on_duty(RECORDINGS_ROUTES + VISIT_NOTES_ROUTES),
    *on_duty(CONFERENCES_ROUTES + PARTNERS_ROUTES + CDS_ROUTES + MY_RECORDINGS_ROUTES),
    *OBSERVED_ROUTES, *on_duty(BULK_ROUTES + RESEARCH_ROUTES + COHORTS_ROUTES), *TARGETS_ROUTES,
)
# fmt: on
