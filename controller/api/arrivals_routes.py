"""The rows of the route table for the arrivals board."""

from controller.api import arrivals, arrivals_call, pages
from controller.api import arrivals_schemas as schemas
from controller.api.route import Route
from controller.security.permissions import Permission

_WATCH, _ASK, _ACKNOWLEDGE = Permission.WATCH_ARRIVALS, Permission.ASK_HOSPITAL, Permission.ACKNOWLEDGE
_REQUESTS = "/api/vehicles/{vehicle}/requests"
_PAGE = pages.load("arrivals")
_HTML = "text/html"

# fmt: off
ARRIVAL_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/arrivals", "arrivals", arrivals.arrivals, _WATCH,
          "Vehicles with a patient on board: where they are, when they arrive, what they ask for",
          answer=schemas.ArrivalList, refusals=(503,)),
    Route("GET", "/api/arrivals/map", "arrivals-map", arrivals.street_map, _WATCH,
          "The streets to draw under vehicles",
          answer=schemas.StreetMap),
    Route("GET", _REQUESTS, "arrival-requests", arrivals.requests, _WATCH,
          "What was asked for, for the patient on board",
          answer=schemas.RequestList, refusals=(404, 503)),
    Route("POST", _REQUESTS, "arrival-request", arrivals.ask, _ASK,
          "Ask the hospital for something, for the patient on board",
          body=schemas.AskBody, answer=schemas.ArrivalRequest, refusals=(400, 404, 409, 503)),
    Route("PUT", _REQUESTS + "/{id}/acknowledgement", "arrival-acknowledge", arrivals.acknowledge,
          _ACKNOWLEDGE, "Say that the hospital knows of a request",
          body=schemas.AcknowledgeBody, answer=schemas.ArrivalRequest, refusals=(400, 404, 409, 503)),
    Route("POST", _REQUESTS + "/{id}/call", "arrival-call", arrivals_call.join, Permission.HOLD_VISITS,
          "Take the call of a crew: a visit by video begins, and the crew is told the way into its room",
          answer=schemas.CallAnswer, refusals=(404, 409, 503)),
    Route("GET", "/arrivals", "page-arrivals", pages.serve(_PAGE, "arrivals.html"), _WATCH,
          "The arrivals board", media=_HTML),
    Route("GET", "/arrivals/{path:.+}", "files-arrivals", pages.serve(_PAGE), Permission.OWN_ACCOUNT,
          "Files", media=_HTML),
)
# fmt: on
