"""The rows of the route table for recordings of visits: in the room, and afterwards."""

from controller.api import recordings, recordings_watching
from controller.api import recordings_schemas as schemas
from controller.api.route import Query, Route
from controller.api.visit_cookie import PATH
from controller.api.visits import ALL
from controller.security.permissions import Permission

_READ, _HOLD, _JOIN = Permission.READ_VISITS, Permission.HOLD_VISITS, Permission.JOIN_VISIT
_LOOK, _EXPORT = Permission.READ_RECORDINGS, Permission.EXPORT_RECORDINGS
_ROOM = f"{ALL}/{{visit}}/room"
_MADE, _KEPT = f"{_ROOM}/recordings", f"{ALL}/{{visit}}/recordings"
_ONE, _SHOWN = f"{_MADE}/{{recording}}", f"{_KEPT}/{{recording}}"
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
def _in_the_room(room: str, prefix: str, permission: Permission) -> tuple[Route, ...]:
    """For everybody who may be in it."""
    return (
        Route("GET", f"{room}/recording", f"{prefix}-recording-asked", recordings.asked, permission,
              "The recording of this room, and the words that who asks would agree to",
              answer=schemas.RecordingAsked, refusals=(404, 503)),
        Route("POST", f"{room}/recording/said", f"{prefix}-recording-say", recordings.say, permission,
              "Agree to being recorded, or not, or take that back", body=schemas.RecordingSaidBody,
              refusals=(400, 404, 409, 412, 503)),
    )


RECORDINGS_ROUTES: tuple[Route, ...] = (
    *_in_the_room(_ROOM, "visit", _READ),
    *_in_the_room(f"{PATH}/room", "own-visit", _JOIN),
    Route("POST", f"{PATH}/room/recording/erasure", "own-visit-recording-erase", recordings.demand_erasure,
          _JOIN, "As the patient: have a recording erased", body=schemas.RecordingErasureBody,
          answer=schemas.RecordingErasure, refusals=(400, 404, 409, 503)),
    Route("POST", _MADE, "visit-recording-ask", recordings.ask, _HOLD,
          "Ask everybody in the room for a recording", body=schemas.RecordingAskBody,
          answer=schemas.RecordingMade, refusals=(400, 404, 409, 412, 503)),
    Route("POST", f"{_ONE}/runs", "visit-recording-begin", recordings.begin, _HOLD,
          "Begin, or go on, once everybody has agreed: the key for this page",
          body=schemas.RecordingBeginBody, answer=schemas.RecordingStarted,
          refusals=(400, 404, 409, 412, 503)),
    Route("POST", f"{_ONE}/chunks/{{id}}", "visit-recording-chunk", recordings.chunk, _HOLD,
          "A chunk, sealed in the page; said again, it is kept once", takes=recordings.SEALED,
          answer=schemas.RecordingHeard, query=_PLACE, refusals=(400, 404, 409, 412, 503)),
    Route("POST", f"{_ONE}/stop", "visit-recording-stop", recordings.stop, _HOLD,
          "Stop it, for good", refusals=(404, 409, 503)),
    Route("POST", f"{_ONE}/kept", "visit-recording-keep", recordings.keep, _HOLD,
          "Close it: its page has sent all", body=schemas.RecordingKeepBody, refusals=(400, 404, 409, 503)),
    Route("GET", _KEPT, "visit-recordings", recordings_watching.recordings, _LOOK,
          "The recordings of a visit", answer=schemas.RecordingList, refusals=(404, 503)),
    Route("GET", _SHOWN, "visit-recording", recordings_watching.recording, _LOOK,
          "One of them, looked through: what can be played, and what is missing",
          answer=schemas.RecordingAnswer, refusals=(404, 409, 503)),
    Route("GET", f"{_SHOWN}/stretches/{{id}}", "visit-recording-play", recordings_watching.film, _LOOK,
          "One stretch of it, for a player", media=recordings_watching.MEDIA, query=(_AT,), headers=(_RANGE,),
          refusals=(400, 404, 409, 503)),
    Route("POST", f"{_SHOWN}/stretches/{{id}}/export", "visit-recording-export", recordings_watching.export,
          _EXPORT, "One stretch of it to take away, with the reason", body=schemas.RecordingWhyBody,
          media=recordings_watching.MEDIA, refusals=(400, 404, 409, 503)),
    Route("POST", f"{_SHOWN}/erasure", "visit-recording-erase", recordings_watching.erase, _HOLD,
          "Have it erased, as the patient demands", body=schemas.RecordingWhyBody,
          answer=schemas.RecordingErasure, refusals=(400, 404, 409, 503)),
)
# fmt: on
