"""The rows of the route table for prescriptions, medication rounds, and both in FHIR."""

from controller.api import (
    fhir,
    pages,
    prescriptions,
    prescriptions_fhir,
    prescriptions_looks,
    prescriptions_rounds,
)
from controller.api import prescriptions_issues_schemas as issues
from controller.api import prescriptions_looks_schemas as looks
from controller.api import prescriptions_rounds_schemas as rounds
from controller.api import prescriptions_schemas as schemas
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.prescriptions.states import RxState
from controller.radiology.fhir import MEDIA
from controller.security.permissions import Permission

_READ, _PRESCRIBE = Permission.READ_RX, Permission.PRESCRIBE
_PAGE = pages.load("prescriptions")
_DELIVER, _ADMINISTER = Permission.DELIVER_RX, Permission.ADMINISTER
_ALL, _GIVEN = "/api/prescriptions", "/api/administrations"
_ONE, _NOTICES = f"{_ALL}/{{rx}}", f"{_ALL}/notices"
_TEXT = {"type": "string", "maxLength": 64}
_STATES = {"type": "string", "enum": ["", *map(str, RxState)]}
_ASKED = (
    Query("patient", "the identifier", _TEXT, required=False),
    Query("state", "as FHIR has them", _STATES, required=False),
)
_MS = {"type": "integer", "minimum": 0, "maximum": 2**42}
_ROUND = (
    Query("ward", "its id", _TEXT),
    Query("from_ms", "UTC; not given: four hours ago", _MS, required=False),
    Query("to_ms", "UTC; not given: in four hours", _MS, required=False),
)
_PATIENT = (
    Query("patient", "the identifier", {"type": "string", "minLength": 1, "maxLength": fhir.LONGEST}),
)
_CHANGES = (400, 404, 409, 412, 428, 503)
_NEW = (400, 404, 409, 503)


def _fhir(kind: str, what: str, meaning: str) -> Route:
    name = f"fhir-{what.replace('_', '-')}"
    handler = getattr(prescriptions_fhir, f"{what}s" if what != "supply_delivery" else "supply_deliveries")
    return Route("GET", f"/api/fhir/{kind}", name, handler, _READ, meaning, media=MEDIA, query=_PATIENT,
                 refusals=(400, 503))  # fmt: skip


# fmt: off
PRESCRIPTIONS_ROUTES: tuple[Route, ...] = (
    Route("GET", _NOTICES, "prescription-notices", prescriptions.notices, _READ,
          "What one is told as a prescriber and has not read", answer=schemas.RxNoticeList, refusals=(503,)),
    Route("PUT", _NOTICES + "/{id}/read", "prescription-notice-read", prescriptions.read, _READ,
          "Say that one has read it", refusals=(400, 404, 503)),
    Route("GET", _ALL + "/sources", "prescription-sources", prescriptions.sources, _READ,
          "The knowledge bases that are asked, and how much they know", answer=issues.SourceList),
    Route("GET", _ALL, "prescriptions", prescriptions.prescriptions, _READ,
          "Prescriptions of the patients whom one may see, the newest first",
          answer=schemas.PrescriptionList, query=_ASKED, refusals=(400, 503)),
    Route("POST", _ALL, "prescription-draft", prescriptions.draft, _PRESCRIBE,
          "Begin a prescription", body=schemas.NewPrescriptionBody,
          answer=schemas.PrescriptionView, refusals=_NEW),
    Route("POST", _ALL + "/checks", "prescription-checks", prescriptions_looks.checks, _PRESCRIBE,
          "What speaks against a prescription while it is written, and what is not checked",
          body=looks.ChecksBody, answer=looks.ChecksView, refusals=(400, 404, 503)),
    Route("GET", _ONE, "prescription", prescriptions.prescription, _READ,
          "One, and all that became of it; its ETag is the revision",
          answer=schemas.PrescriptionDetail, refusals=(404, 503)),
    Route("PUT", _ONE + "/draft", "prescription-redraft", prescriptions.redraft, _PRESCRIBE,
          "Write a draft anew", body=schemas.PrescriptionBody,
          answer=schemas.PrescriptionView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _ONE + "/document", "prescription-document", prescriptions.to_sign, _READ,
          "What is to be signed, or was: a MedicationRequest in canonical JSON (RFC 8785), byte by byte",
          media=prescriptions.FHIR_JSON, refusals=(404, 409, 503)),
    Route("PUT", _ONE + "/signature", "prescription-sign", prescriptions.sign, _PRESCRIBE,
          "Sign it: from now on it holds", body=schemas.PrescriptionSignatureBody,
          answer=schemas.PrescriptionView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _ONE + "/signed", "prescription-file", prescriptions.signed, _READ,
          "What was signed with its signature and receipt, for `wardlink rx verify`",
          media=prescriptions.SIGNED, refusals=(404, 503)),
    Route("PUT", _ONE + "/state", "prescription-state", prescriptions.step, _PRESCRIBE,
          "Put it on hold, stop it, cancel it; the pharmacy knows at once",
          body=schemas.PrescriptionStateBody, answer=schemas.PrescriptionView, headers=(REPLACED,),
          refusals=_CHANGES),
    Route("PUT", _ONE + "/delivery", "prescription-delivery", prescriptions.choose, _DELIVER,
          "Say how it comes to the patient", body=schemas.PrescriptionDeliveryBody,
          answer=schemas.PrescriptionView, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _ONE + "/repeats", "prescription-repeat", prescriptions.repeat, _DELIVER,
          "Ask the pharmacy for it once more", body=schemas.WhyBody,
          answer=schemas.PrescriptionView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", "/api/rounds", "medication-round", prescriptions_rounds.medication_round, _READ,
          "What is due on a ward, and what was given of it",
          answer=rounds.RoundView, query=_ROUND, refusals=(400, 404, 503)),
    Route("POST", _GIVEN, "medication-give", prescriptions_rounds.give, _ADMINISTER,
          "Chart a dose that is given now", body=rounds.GivenBody, answer=schemas.GivenView,
          refusals=(400, 404, 409, 412, 503)),
    Route("POST", _GIVEN + "/left-out", "medication-left-out", prescriptions_rounds.leave_out, _ADMINISTER,
          "Chart why a dose is not given", body=rounds.LeftOutBody, answer=schemas.GivenView, refusals=_NEW),
    Route("PUT", _GIVEN + "/{administration}/error", "medication-error", prescriptions_rounds.mistake,
          _ADMINISTER, "Say that what was charted was an error", body=rounds.MistakeBody,
          answer=schemas.GivenView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _GIVEN + "/{administration}/seen", "medication-seen", prescriptions_rounds.see,
          _ADMINISTER, "Say that one looked afterwards at what was given without a witness",
          body=rounds.SeenAfterwardsBody, answer=schemas.GivenView, headers=(REPLACED,), refusals=_CHANGES),
    _fhir("MedicationRequest", "medication_request",
          "A patient's prescriptions, as they were signed, as a searchset Bundle of FHIR R4"),
    _fhir("Task", "task", "The pharmacy's work for them, likewise"),
    _fhir("MedicationDispense", "medication_dispense", "What was handed out of them, likewise"),
    _fhir("SupplyDelivery", "supply_delivery", "How that came to the patient, likewise"),
    _fhir("MedicationAdministration", "medication_administration", "What was given of them, likewise"),
    _fhir("Provenance", "provenance", "Who signed them, with the signatures, likewise"),
    Route("GET", "/prescriptions", "page-prescriptions", pages.serve(_PAGE, "prescriptions.html"), _READ,
          "Prescriptions", media="text/html"),
    Route("GET", "/prescriptions/{path:.+}", "files-prescriptions", pages.serve(_PAGE),
          Permission.OWN_ACCOUNT, "Files", media="text/html"),
)
# fmt: on
