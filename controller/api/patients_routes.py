"""The rows of the route table for what is known of patients."""

from controller.api import fhir, patients, patients_fhir
from controller.api import patients_schemas as schemas
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.radiology.fhir import MEDIA
from controller.security.permissions import Permission

_READ, _WRITE = Permission.READ_PATIENTS, Permission.WRITE_PATIENTS
_ONE = f"{patients.LIST}/{{identifier}}"
_TEXT = {"type": "string", "maxLength": patients.LONGEST}
_ASKED = (
    Query("text", "the identifier, or a part of the name", _TEXT, required=False),
    Query("ward", "who looks after out-patients", _TEXT, required=False),
    Query("after", "the last identifier of the page before", _TEXT, required=False),
)
_IDENTIFIER = {"type": "string", "minLength": 1, "maxLength": fhir.LONGEST}
_NEW, _CHANGED = (400, 404, 409, 503), (400, 404, 409, 412, 428, 503)

# fmt: off
PATIENTS_ROUTES: tuple[Route, ...] = (
    Route("GET", patients.LIST, "patients", patients.patients, _READ,
          "Patients whom one may see: on beds now, and out-patients",
          answer=schemas.PatientList, query=_ASKED, refusals=(503,)),
    Route("POST", patients.LIST, "patient-register", patients.register, _WRITE,
          "Register an out-patient for a ward", body=schemas.NewPatientBody,
          answer=schemas.PatientAnswer, refusals=_NEW),
    Route("GET", _ONE, "patient", patients.patient, _READ,
          "What is known of a patient; its ETag is the revision",
          answer=schemas.PatientAnswer, refusals=(404, 503)),
    Route("PUT", _ONE + "/person", "patient-set-person", patients.person, _WRITE,
          "Say birth date and sex", body=schemas.PatientPersonBody,
          answer=schemas.PatientAnswer, headers=(REPLACED,), refusals=_CHANGED),
    Route("PUT", _ONE + "/ward", "patient-set-ward", patients.look_after, _WRITE,
          "Say which ward looks after an out-patient", body=schemas.LookedAfterBody,
          answer=schemas.PatientAnswer, headers=(REPLACED,), refusals=_CHANGED),
    Route("POST", _ONE + "/allergies", "patient-add-allergy", patients.add_allergy, _WRITE,
          "Enter an allergy", body=schemas.AllergyBody, answer=schemas.PatientAnswer, refusals=_NEW),
    Route("PUT", _ONE + "/allergies/{id}", "patient-change-allergy", patients.change_allergy, _WRITE,
          "Say something else of an allergy; what was said is kept", body=schemas.AllergyBody,
          answer=schemas.PatientAnswer, headers=(REPLACED,), refusals=_CHANGED),
    Route("PUT", _ONE + "/no-known-allergies", "patient-say-none", patients.no_known_allergies,
          _WRITE, "Say that one has asked and there are none",
          answer=schemas.PatientAnswer, headers=(REPLACED,), refusals=_CHANGED),
    Route("POST", _ONE + "/measurements", "patient-measure", patients.measure, _WRITE,
          "Enter weight, height or creatinine", body=schemas.MeasurementBody,
          answer=schemas.PatientAnswer, refusals=_NEW),
    Route("GET", "/api/fhir/Patient", "fhir-patient", patients_fhir.patient, _READ,
          "A patient, as a searchset Bundle of FHIR R4", media=MEDIA,
          query=(Query("identifier", "the identifier", _IDENTIFIER),), refusals=(400, 503)),
    Route("GET", "/api/fhir/AllergyIntolerance", "fhir-allergy-intolerance", patients_fhir.allergies, _READ,
          "A patient's allergies, or that somebody says there are none, likewise", media=MEDIA,
          query=(Query("patient", "the identifier", _IDENTIFIER),), refusals=(400, 503)),
)
# fmt: on
