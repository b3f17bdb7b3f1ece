"""The rows of the route table for recordings of visits and conferences: in the room, and afterwards."""

from controller.api import recordings, recordings_watching
from controller.api import recordings_conferences as conferences
from controller.api import recordings_schemas as schemas
from controller.api.conferences import ALL as CONFERENCES
from controller.api.partners_cookie import PATH as PARTNER
from controller.api.recordings import RecordingWays
from controller.api.recordings_watching import Watching
from controller.api.route import Query, Route
from controller.api.visit_cookie import PATH
from controller.api.visits import ALL
from controller.security.permissions import Permission

_READ, _HOLD, _JOIN = Permission.READ_VISITS, Permission.HOLD_VISITS, Permission.JOIN_VISIT
_LOOK, _EXPORT = Permission.READ_RECORDINGS, Permission.EXPORT_RECORDINGS
_COUNT = {"type": "integer", "minimum": 0}
_PLACE = (
    Query("seat", "the seat of the page that records", _COUNT),
    Query("run", "of which run", _COUNT),
    Query("from_ms", "where it begins, counted from the begin of the run", _COUNT),
    Query("to_ms", "where it ends", _COUNT),
    Query("before", "the hash of the chunk before, hexadecimal", {"type": "string"}),
)
_AT = Query("at", "server_ms of the look at it: another one is another film", _COUNT, required=False)
_RANGE = Query("Range", "which bytes; without: all", {"type": "string"}, required=False)


# fmt: off
def asked_routes(base: str, prefix: str, permission: Permission, ways: RecordingWays) -> tuple[Route, ...]:
    """For everybody who may be in the room under `base`; `prefix` of the names of the routes."""
    room = f"{base}/room"
    return (
        Route("GET", f"{room}/recording", f"{prefix}-recording-asked", ways.asked, permission,
              "The recording of this room, and the words that who asks would agree to",
              answer=schemas.RecordingAsked, refusals=(404, 503)),
        Route("POST", f"{room}/recording/said", f"{prefix}-recording-say", ways.say, permission,
              "Agree to being recorded, or not, or take that back", body=schemas.RecordingSaidBody,
              refusals=(400, 404, 409, 412, 503)),
    )


def made_routes(base: str, prefix: str, ways: RecordingWays) -> tuple[Route, ...]:
    """For who may record there."""
    made, permission = f"{base}/room/recordings", ways.records
    one = f"{made}/{{recording}}"
    return (
        Route("POST", made, f"{prefix}-recording-ask", ways.ask, permission,
              "Ask everybody in the room for a recording", body=schemas.RecordingAskBody,
              answer=schemas.RecordingMade, refusals=(400, 404, 409, 412, 503)),
        Route("POST", f"{one}/runs", f"{prefix}-recording-begin", ways.begin, permission,
              "Begin, or go on, once everybody has agreed: the key for this page",
              body=schemas.RecordingBeginBody, answer=schemas.RecordingStarted,
              refusals=(400, 404, 409, 412, 503)),
        Route("POST", f"{one}/chunks/{{id}}", f"{prefix}-recording-chunk", ways.chunk, permission,
              "A chunk, sealed in the page; said again, it is kept once", takes=recordings.SEALED,
              answer=schemas.RecordingHeard, query=_PLACE, refusals=(400, 404, 409, 412, 503)),
        Route("POST", f"{one}/stop", f"{prefix}-recording-stop", ways.stop, permission,
              "Stop it, for good", refusals=(404, 409, 503)),
        Route("POST", f"{one}/kept", f"{prefix}-recording-keep", ways.keep, permission,
              "Close it: its page has sent all", body=schemas.RecordingKeepBody,
              refusals=(400, 404, 409, 503)),
    )


def kept_routes(base: str, prefix: str, permission: Permission, watching: Watching) -> tuple[Route, ...]:
    """For who may look at them afterwards; `permission`: to have one erased."""
    kept = f"{base}/recordings"
    one = f"{kept}/{{recording}}"
    return (
        Route("GET", kept, f"{prefix}-recordings", watching.recordings, _LOOK,
              "The recordings of a meeting", answer=schemas.RecordingList, refusals=(404, 503)),
        Route("GET", one, f"{prefix}-recording", watching.recording, _LOOK,
              "One of them, looked through: what can be played, and what is missing",
              answer=schemas.RecordingAnswer, refusals=(404, 409, 503)),
        Route("GET", f"{one}/stretches/{{id}}", f"{prefix}-recording-play", watching.film, _LOOK,
              "One stretch of it, for a player", media=recordings_watching.MEDIA, query=(_AT,),
              headers=(_RANGE,), refusals=(400, 404, 409, 503)),
        Route("POST", f"{one}/stretches/{{id}}/export", f"{prefix}-recording-export", watching.export,
              _EXPORT, "One stretch of it to take away, with the reason", body=schemas.RecordingWhyBody,
              media=recordings_watching.MEDIA, refusals=(400, 404, 409, 503)),
        Route("POST", f"{one}/erasure", f"{prefix}-recording-erase", watching.erase, permission,
              "Have it erased, as it is demanded", body=schemas.RecordingWhyBody,
              answer=schemas.RecordingErasure, refusals=(400, 404, 409, 503)),
        Route("PUT", f"{one}/erasure", f"{prefix}-recording-settle", watching.settle, permission,
              "Answer a demand that it be erased, where the hospital has to keep it",
              body=schemas.RecordingErasureAnswerBody, refusals=(400, 404, 409, 503)),
    )


_VISIT = f"{ALL}/{{visit}}"
_CONFERENCE, _OF_PARTNER = f"{CONFERENCES}/{{number}}", f"{PARTNER}/{{number}}"
_MEET, _LEAD = Permission.READ_CONFERENCES, Permission.HOLD_CONFERENCES

RECORDINGS_ROUTES: tuple[Route, ...] = (
    *asked_routes(_VISIT, "visit", _READ, recordings.WAYS),
    *asked_routes(PATH, "own-visit", _JOIN, recordings.WAYS),
    Route("POST", f"{PATH}/room/recording/erasure", "own-visit-recording-erase", recordings.demand_erasure,
          _JOIN, "As the patient: have a recording erased", body=schemas.RecordingErasureBody,
          answer=schemas.RecordingErasure, refusals=(400, 404, 409, 503)),
    *made_routes(_VISIT, "visit", recordings.WAYS),
    *kept_routes(_VISIT, "visit", _HOLD, recordings_watching.WATCHING),

    *asked_routes(_CONFERENCE, "conference", _MEET, conferences.WAYS),
    *asked_routes(_OF_PARTNER, "partner", Permission.JOIN_CONFERENCE, conferences.OF_PARTNERS),
    *made_routes(_CONFERENCE, "conference", conferences.WAYS),
    *kept_routes(_CONFERENCE, "conference", _LEAD, conferences.WATCHING),
)
# fmt: on
