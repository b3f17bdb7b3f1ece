"""The rows of the route table for what is written of visits."""

from aiohttp.typedefs import Handler

from controller.api import fhir, visit_notes, visit_summary, visits_fhir
from controller.api import visit_notes_schemas as schemas
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.api.visit_cookie import PATH
from controller.api.visits import ALL
from controller.radiology.fhir import MEDIA
from controller.security.permissions import Permission

_READ, _HOLD, _SIGN = Permission.READ_VISITS, Permission.HOLD_VISITS, Permission.SIGN_VISITS
_NOTES, _SUMMARY = f"{ALL}/{{visit}}/notes", f"{ALL}/{{visit}}/summary"
_CHANGES = (400, 404, 409, 412, 428, 503)
_PATIENT = (
    Query("patient", "the identifier", {"type": "string", "minLength": 1, "maxLength": fhir.LONGEST}),
)


def _fhir(kind: str, name: str, handler: Handler, meaning: str) -> Route:
    return Route("GET", f"/api/fhir/{kind}", f"fhir-{name}", handler, _READ, meaning, media=MEDIA,
                 query=_PATIENT, refusals=(400, 503))  # fmt: skip


# fmt: off
VISIT_NOTES_ROUTES: tuple[Route, ...] = (
    Route("GET", _NOTES, "visit-notes", visit_notes.notes, _READ, "Notes of a visit as they stand",
          answer=schemas.NotesAnswer, refusals=(404, 503)),
    Route("PUT", _NOTES, "visit-notes-write", visit_notes.write, _HOLD,
          "Write the next version of the notes", body=schemas.NoteBody, answer=schemas.NotesAnswer,
          headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _NOTES + "/versions", "visit-notes-versions", visit_notes.versions, _READ,
          "All versions of the notes", answer=schemas.NoteVersionList, refusals=(404, 503)),
    Route("GET", _NOTES + "/vitals", "visit-notes-vitals", visit_notes.vitals, _HOLD,
          "Numbers of the patient that hold now, to be taken over into the notes",
          answer=schemas.NoteVitals, refusals=(404, 503)),
    Route("PUT", f"{ALL}/{{visit}}/prescriptions/{{rx}}", "visit-prescribed", visit_notes.prescribed,
          Permission.PRESCRIBE, "Say that a prescription was signed in this visit; the room is told",
          answer=schemas.NotesAnswer, refusals=(404, 409, 503)),

    Route("GET", _SUMMARY, "visit-summary", visit_summary.summary, _READ,
          "The summary of a visit, all versions, and words to begin with",
          answer=schemas.SummaryAnswer, refusals=(404, 503)),
    Route("PUT", _SUMMARY, "visit-summary-write", visit_summary.draft, _SIGN,
          "Write the next version of the summary", body=schemas.SummaryBody,
          answer=schemas.SummaryAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _SUMMARY + "/document", "visit-summary-document", visit_summary.to_sign, _READ,
          "What is to be signed, or was: a FHIR document in canonical JSON (RFC 8785), byte by byte",
          media=visit_summary.FHIR_JSON, refusals=(404, 503)),
    Route("PUT", _SUMMARY + "/signature", "visit-summary-sign", visit_summary.sign, _SIGN,
          "Sign the newest version of the summary: the patient sees it", body=schemas.SummarySignatureBody,
          answer=schemas.SummaryAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _SUMMARY + "/signed", "visit-summary-file", visit_summary.signed, _READ,
          "What was signed with its signature and receipt, for `wardlink rx verify`",
          media="application/octet-stream", refusals=(404, 503)),
    Route("GET", PATH + "/summary", "visit-own-summary", visit_summary.own, Permission.JOIN_VISIT,
          "The summary that was signed, for the patient who came in by a link",
          answer=schemas.OwnSummary, refusals=(404, 503)),

    _fhir("Appointment", "appointment", visits_fhir.appointments,
          "A patient's visits by video, as a searchset Bundle of FHIR R4"),
    _fhir("Encounter", "encounter", visits_fhir.encounters, "Those of them that were held, likewise"),
    _fhir("Consent", "consent", visits_fhir.consents, "What the patient agreed to in them, likewise"),
    _fhir("Composition", "composition", visits_fhir.compositions, "Their signed summaries, likewise"),
    _fhir("DocumentReference", "document-reference", visits_fhir.document_references,
          "The documents of these, as they were signed, likewise"),
)
# fmt: on
