"""The rows of the route table for visits by video: for staff, and for who comes in by a link."""

from controller.api import pages, room_snapshots, room_vitals, visit_door, visits
from controller.api import visits_schemas as schemas
from controller.api.replaced import REPLACED
from controller.api.room_marks import mark_routes
from controller.api.room_marks_schemas import SnapshotAnswer, SnapshotsAnswer
from controller.api.rooms import SEAT, room_routes
from controller.api.route import Query, Route
from controller.api.visit_cookie import PATH
from controller.api.visit_rooms import WAYS, comer
from controller.api.visits import ALL
from controller.security.permissions import Permission

_READ, _HOLD, _JOIN = Permission.READ_VISITS, Permission.HOLD_VISITS, Permission.JOIN_VISIT
_ONE = f"{ALL}/{{visit}}"
_FILES, _STAFF = pages.load("visit"), pages.load("visits")
_CHANGES = (400, 404, 409, 412, 428, 503)
_MOMENT = {"type": "integer", "minimum": 0}
_ASKED = (
    Query("patient", "whose: an identifier; then no span is asked for", {"type": "string"}, required=False),
    Query("from_ms", "those that start from then on, UTC", _MOMENT, required=False),
    Query("to_ms", "and before then, UTC", _MOMENT, required=False),
)

# fmt: off
VISITS_ROUTES: tuple[Route, ...] = (
    Route("GET", ALL, "visits", visits.visits, _READ,
          "Visits by video, of a span of days or of a patient, as far as one sees the patient or holds them",
          answer=schemas.VisitList, query=_ASKED, refusals=(400, 503)),
    Route("POST", ALL, "visit-book", visits.book, _HOLD,
          "Agree upon a visit; one at the bedside or from a vehicle begins now", body=schemas.VisitBody,
          answer=schemas.VisitAnswer, refusals=(400, 404, 409, 503)),
    Route("GET", _ONE, "visit", visits.visit, _READ, "One visit, its consents and its links",
          answer=schemas.VisitAnswer, refusals=(404, 503)),
    Route("PUT", _ONE + "/time", "visit-move", visits.move, _HOLD, "Move a visit to another time",
          body=schemas.VisitTimeBody, answer=schemas.VisitAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/state", "visit-state", visits.step, _HOLD, "Begin a visit, end it, call it off",
          body=schemas.VisitStateBody, answer=schemas.VisitAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _ONE + "/links", "visit-link-make", visits.make_link, _HOLD,
          "Let somebody in: a link and a code, told this once; the patient's replaces the one before",
          body=schemas.VisitLinkBody, answer=schemas.LinkAnswer, refusals=(400, 404, 409, 503)),
    Route("DELETE", _ONE + "/links/{id}", "visit-link-revoke", visits.revoke_link, _HOLD,
          "Withdraw a link, and show out who came in by it", refusals=(400, 404, 503)),
    Route("POST", _ONE + "/consents", "visit-consent-heard", visits.consent, _HOLD,
          "Write down what the patient said, who cannot say it on the page", body=schemas.ConsentBody,
          answer=schemas.VisitAnswer, refusals=(400, 404, 409, 503)),
    Route("POST", _ONE + "/room/snapshots", "visit-snapshot", room_snapshots.snapshot, _HOLD,
          "Keep a picture in the patient's record, bare and as it was drawn upon: parts bare and annotated",
          takes="multipart/form-data", query=(SEAT,), answer=SnapshotAnswer,
          refusals=(400, 404, 409, 412, 503)),
    Route("GET", _ONE + "/snapshots", "visit-snapshots", room_snapshots.snapshots, _READ,
          "Pictures that were kept out of a visit", answer=SnapshotsAnswer, refusals=(404, 503)),
    Route("GET", _ONE + "/snapshots/{id}/{which}", "visit-snapshot-picture", room_snapshots.picture, _READ,
          "One of them, bare or annotated, for whoever sees the visit", media="image/jpeg",
          refusals=(400, 404, 422, 503)),

    Route("POST", PATH + "/session", "visit-enter", visit_door.enter, Permission.PUBLIC,
          "Come in by a link and its code", body=schemas.VisitEnterBody, refusals=(400, 401, 409, 429, 503)),
    Route("DELETE", PATH + "/session", "visit-leave", visit_door.leave, _JOIN, "And go", refusals=(404, 503)),
    Route("GET", PATH, "visit-own", visit_door.own, _JOIN, "The visit one came into",
          answer=schemas.OwnVisit, refusals=(404, 503)),
    Route("POST", PATH + "/consents", "visit-consent", visit_door.consent, _JOIN,
          "Agree to being seen and heard, or to a recording; or take that back", body=schemas.ConsentBody,
          answer=schemas.OwnVisit, refusals=(400, 404, 409, 503)),

    Route("GET", "/visits", "page-visits", pages.serve(_STAFF, "visits.html", may_film=True), _READ,
          "Visits by video: the day, one of them, its room", media="text/html"),
    Route("GET", "/visits/{path:.+}", "files-visits", pages.serve(_STAFF), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
    Route("GET", "/visit", "page-visit", pages.serve(_FILES, "visit.html", may_film=True), Permission.PUBLIC,
          "A visit by video, for who has a link", media="text/html"),
    Route("GET", "/visit/{path:.+}", "files-visit", pages.serve(_FILES), Permission.PUBLIC, "Files",
          media="text/html"),
)


def _room(base: str, prefix: str, permission: Permission, whose: str) -> tuple[Route, ...]:
    """The ways into a visit's room, and to the patient's vital signs there."""
    return (
        *room_routes(base, prefix, permission, whose, WAYS),
        *mark_routes(base, prefix, permission, whose, comer),
        Route("GET", f"{base}/room/vitals", f"{prefix}-room-vitals", room_vitals.vitals, permission,
              "The patient's numbers, waves and alarms, live (server-sent events); guests see none",
              media="text/event-stream", query=(SEAT,), refusals=(400, 404, 409, 412, 503)),
    )
# fmt: on


ROOMS_ROUTES = _room(_ONE, "visit", _READ, "a visit") + _room(PATH, "own-visit", _JOIN, "one's visit")
