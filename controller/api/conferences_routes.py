"""The rows of the route table for conferences of experts."""

from controller.api import conferences as handlers
from controller.api import conferences_conclusions as conclusions
from controller.api import conferences_files as files
from controller.api import conferences_files_schemas as file_schemas
from controller.api import conferences_kept as kept
from controller.api import conferences_room_schemas as room_schemas
from controller.api import conferences_schemas as schemas
from controller.api import experts, experts_schemas, pages
from controller.api.conferences import ALL
from controller.api.conferences_rooms import WAYS, comer
from controller.api.patient_images import JPEG
from controller.api.patient_images_schemas import SeriesImages
from controller.api.replaced import REPLACED
from controller.api.room_marks import mark_routes
from controller.api.rooms import SEAT, room_routes
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_READ, _HOLD, _ASK = (
    Permission.READ_CONFERENCES,
    Permission.HOLD_CONFERENCES,
    Permission.REQUEST_CONFERENCES,
)
_KEEP = Permission.MANAGE_PEOPLE
_ONE = f"{ALL}/{{number}}"
_CASE = f"{_ONE}/cases/{{case}}"
_ITEM = f"{_CASE}/items/{{item}}"
_FRAME = f"{_ITEM}/series/{{series}}/instances/{{instance}}/frames/{{frame}}"
_RECORD = "/api/patients/{identifier}/conclusions"
_CHANGES, _LOOKS = (400, 404, 409, 412, 428, 503), (400, 404, 409, 503)
_PICTURES = (*_LOOKS, 406, 422)
_PAGES = pages.load("conferences")
_TEXT = {"type": "string"}
_MOMENT = {"type": "integer", "minimum": 0}
_WANTED = (
    Query("speciality", "SNOMED CT", _TEXT, required=False),
    Query("hospital", "a part of its name", _TEXT, required=False),
    Query("text", "in the name, or in what they take", _TEXT, required=False),
    Query("at_ms", "who may be asked for then, UTC", _MOMENT, required=False),
    Query("minutes", "and so long", _MOMENT, required=False),
)
_ACTOR = Query("actor", "who signed", _TEXT)
_VIEWPORT = Query("viewport", "largest width and height, pixels", _TEXT, required=False)
_WINDOW = Query("window", "centre, width, function (PS3.18, 8.3.5.1.4)", _TEXT, required=False)
_QUALITY = Query("quality", "of the JPEG", {"type": "integer", "minimum": 1, "maximum": 100}, required=False)

# fmt: off
CONFERENCES_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/experts", "experts", experts.experts, _READ,
          "The directory of experts: by speciality, hospital, and when they may be asked",
          answer=experts_schemas.ExpertList, query=_WANTED, refusals=(400, 503)),
    Route("GET", "/api/experts/me", "expert-own", experts.own, _HOLD, "What one says of oneself",
          answer=experts_schemas.OwnExpert, refusals=(503,)),
    Route("PUT", "/api/experts/me", "expert-say", experts.say, _HOLD, "Say it",
          body=experts_schemas.ExpertBody, answer=experts_schemas.OwnExpert, headers=(REPLACED,),
          refusals=(400, 412, 428, 503)),

    Route("GET", "/api/experts/of/{person}", "expert", experts.of, _KEEP, "What is said of somebody here",
          answer=experts_schemas.OwnExpert, refusals=(503,)),
    Route("PUT", "/api/experts/of/{person}", "expert-say-of", experts.say_of, _KEEP,
          "Say it for them; whether partners may know of them is theirs to say",
          body=experts_schemas.ExpertBody, answer=experts_schemas.OwnExpert, headers=(REPLACED,),
          refusals=(400, 404, 412, 428, 503)),

    Route("GET", ALL, "conferences", handlers.conferences, _READ,
          "The conferences that one was asked to, and what one has not read of them",
          answer=schemas.ConferenceList, refusals=(503,)),
    Route("POST", ALL, "conference-ask", handlers.ask, _ASK,
          "Ask for a conference about patients whom one sees",
          body=schemas.RequestBody, answer=schemas.ConferenceAnswer, refusals=(400, 404, 409, 503)),
    Route("PUT", f"{ALL}/notices/{{id}}/read", "conference-notice-read", handlers.read_notice, _READ,
          "One has read it", refusals=(400, 404, 503)),
    Route("GET", _ONE, "conference", handlers.conference, _READ,
          "One conference; whose cases they are is told to who takes part, with the patient's consent",
          answer=schemas.ConferenceAnswer, refusals=(404, 503)),
    Route("PUT", _ONE + "/answer", "conference-answer", handlers.say, _READ,
          "Accept, decline, or propose another time", body=schemas.AnswerBody,
          answer=schemas.ConferenceAnswer, refusals=(400, 404, 409, 503)),
    Route("PUT", _ONE + "/time", "conference-move", handlers.move, _READ,
          "Move it: everybody is asked again", body=schemas.TimeBody, answer=schemas.ConferenceAnswer,
          headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _ONE + "/members", "conference-invite", handlers.invite, _READ, "Ask more people",
          body=schemas.MembersBody, answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/required", "conference-require", handlers.require, _READ,
          "Say whether somebody has to be there", body=schemas.RequiredBody,
          answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/state", "conference-state", handlers.step, _READ,
          "Begin it, end the talk, close it, call it off", body=schemas.StateBody,
          answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/now", "conference-now", handlers.show, _HOLD,
          "Say which case is spoken about: every page follows", body=schemas.NowBody,
          answer=schemas.ConferenceAnswer, refusals=(400, 404, 409, 503)),
    Route("POST", _ONE + "/present", "conference-present", handlers.present, _HOLD,
          "Say who sat at another's screen", body=schemas.PresentBody, answer=schemas.ConferenceAnswer,
          refusals=(400, 404, 409, 503)),
    Route("PUT", _ONE + "/agenda", "conference-arrange", handlers.arrange, _READ, "Put the cases in order",
          body=schemas.AgendaOrderBody, answer=schemas.ConferenceAnswer, headers=(REPLACED,),
          refusals=_CHANGES),
    Route("POST", _ONE + "/cases", "conference-case-add", handlers.add_case, _ASK,
          "Put a patient whom one sees on the agenda", body=schemas.CaseBody,
          answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _CASE, "conference-case-change", handlers.change_case, _READ, "Ask something else of a case",
          body=schemas.CaseChangeBody, answer=schemas.ConferenceAnswer, headers=(REPLACED,),
          refusals=_CHANGES),
    Route("PUT", _CASE + "/off", "conference-case-off", handlers.take_off, _READ,
          "Take a case off the agenda, or put it on again", body=schemas.OffBody,
          answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _CASE + "/consents", "conference-consent", files.consent, _READ,
          "Write down what the patient said of the experts seeing the case", body=schemas.SharingBody,
          answer=schemas.ConferenceAnswer, refusals=(400, 404, 409, 503)),

    Route("GET", _CASE + "/file", "conference-file", files.file, _READ, "What was chosen for a case",
          answer=file_schemas.FileAnswer, refusals=_LOOKS),
    Route("POST", _CASE + "/items", "conference-choose", files.choose, _READ,
          "Choose something of the record of a patient whom one sees", body=file_schemas.CaseItemBody,
          answer=file_schemas.ItemLine, refusals=(400, 404, 409, 503)),
    Route("GET", _ITEM, "conference-look", files.item, _READ, "What an item says",
          answer=file_schemas.ItemAnswer, refusals=_LOOKS),
    Route("DELETE", _ITEM, "conference-unchoose", files.remove, _READ, "Show it no more", refusals=_LOOKS),
    Route("GET", _ITEM + "/images", "conference-images", files.images, _READ, "The series of a chosen study",
          answer=file_schemas.StudyAnswer, refusals=_LOOKS),
    Route("GET", _ITEM + "/series/{series}", "conference-series", files.series, _READ,
          "The images of a series of it", answer=SeriesImages, refusals=_LOOKS),
    Route("GET", _FRAME + "/rendered", "conference-picture", files.picture, _READ, "A picture of a frame",
          media=JPEG, query=(_VIEWPORT, _WINDOW, _QUALITY), refusals=_PICTURES),

    Route("POST", _ONE + "/room/image/states", "conference-image-keep", kept.keep, Permission.ADD_IMAGES,
          "Keep what is drawn on the image that is shown to all, as a presentation state of its study",
          answer=room_schemas.KeptDrawing, query=(SEAT,), refusals=(400, 403, 404, 409, 412, 422, 503)),

    Route("PUT", _CASE + "/conclusion", "conference-conclude", conclusions.write, _READ,
          "Write what is concluded: the chair, or the scribe", body=file_schemas.ConclusionBody,
          answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _CASE + "/conclusion/document", "conference-to-sign", conclusions.to_sign, _HOLD,
          "The document that one signs, as FHIR", body=file_schemas.StanceBody,
          media="application/fhir+json", headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _CASE + "/conclusion/signature", "conference-sign", conclusions.sign, _HOLD,
          "Sign it with one's own key, or words of one's own", body=file_schemas.SignatureBody,
          answer=schemas.ConferenceAnswer, headers=(REPLACED,), refusals=_CHANGES),

    Route("GET", _RECORD, "patient-conclusions", conclusions.record, _READ,
          "What closed conferences concluded of a patient whom one sees, or for whom one asked",
          answer=file_schemas.RecordAnswer, refusals=(404, 503)),
    Route("GET", _RECORD + "/{number}/{case}/signed", "patient-conclusion-signed", conclusions.signed, _READ,
          "What somebody signed of it, for `wardlink rx verify`", media="application/octet-stream",
          query=(_ACTOR,), refusals=(400, 404, 503)),

    Route("GET", "/conferences", "page-conferences",
          pages.serve(_PAGES, "conferences.html", may_film=True), _READ,
          "Conferences: to answer, to come, the room, what was concluded", media="text/html"),
    Route("GET", "/conferences/{path:.+}", "files-conferences", pages.serve(_PAGES), Permission.OWN_ACCOUNT,
          "Files", media="text/html"),
    *room_routes(_ONE, "conference", _READ, "a conference", WAYS),
    *mark_routes(_ONE, "conference", _READ, "a conference", comer),
)
# fmt: on
