"""The rows of the route table for patients' own access, and for the staff who give it.

The page itself shows nothing of anybody: it is public as the login is.
"""

from controller.api import my, my_consents, my_door, my_invitations, my_record, my_visits, pages
from controller.api import my_payments_schemas as paying
from controller.api import my_schemas as schemas
from controller.api import my_visits_schemas as visits
from controller.api.my_cookie import PATH
from controller.api.payments_schemas import Receipt
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.patient_access.reminders import CALENDAR
from controller.security.permissions import Permission

_OWN, _PUBLIC = Permission.MY_OWN, Permission.PUBLIC
_READ, _WRITE, _RX = Permission.READ_PATIENTS, Permission.WRITE_PATIENTS, Permission.READ_RX
_PATIENT, _PAYMENT = "/api/patients/{identifier}", f"{PATH}/payments/{{payment}}"
_VISIT = f"{PATH}/visits/{{visit}}"
_CHANGES = (400, 404, 409, 412, 428, 503)
_FILES, _STAFF = pages.load("my"), pages.load("invite")
_HTML = "text/html"
_LANGUAGE = (Query("language", "of its words", {"type": "string", "enum": ["en", "zh"]}, required=False),)

# fmt: off
MY_ROUTES: tuple[Route, ...] = (
    Route("POST", PATH + "/session", "my-enter", my_door.enter, _PUBLIC,
          "A patient comes in by an invitation's code and their birth date", body=schemas.EnterBody,
          refusals=(400, 401, 429, 503)),
    Route("DELETE", PATH + "/session", "my-leave", my_door.leave, _OWN, "And goes", refusals=(404, 503)),
    Route("GET", PATH, "my", my.overview, _OWN,
          "One's own medicines, what is on its way, what is to be paid", answer=schemas.MyOverview,
          refusals=(404, 503)),
    Route("POST", PATH + "/taken", "my-taken", my.say, _OWN, "Say that a dose was taken, or skipped",
          body=schemas.DoseTakenBody, answer=schemas.MyMedicineAnswer, refusals=(400, 404, 409, 412, 503)),
    Route("POST", PATH + "/prescriptions/{rx}/repeats", "my-repeat", my.repeat, _OWN,
          "Ask the pharmacy for it once more", body=schemas.MyRepeatBody,
          answer=schemas.MyMedicineAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", PATH + "/prescriptions/{rx}/delivery", "my-delivery", my.choose, _OWN,
          "Have it brought home, or pick it up", body=schemas.MyChoiceBody,
          answer=schemas.MyMedicineAnswer, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", PATH + "/deliveries/{delivery}/code", "my-code", my.code, _OWN,
          "Make the code to say when it is handed over; one before opens nothing any more",
          answer=schemas.MyCode, headers=(REPLACED,), refusals=_CHANGES),
    Route("POST", _PAYMENT + "/eligibility", "my-eligibility", my.check_coverage, _OWN,
          "Ask the insurance what it pays", body=paying.MyCardBody,
          answer=paying.MyPaymentAnswer, refusals=(400, 404, 409, 503)),
    Route("POST", _PAYMENT + "/pay", "my-pay", my.pay, _OWN, "Pay the rest; asked again, nothing again",
          body=paying.MyPayBody, answer=paying.MyPaymentAnswer, refusals=(400, 404, 409, 503)),
    Route("GET", _PAYMENT + "/receipt", "my-receipt", my.receipt, _OWN, "What was paid", answer=Receipt,
          refusals=(404, 409, 503)),
    Route("GET", PATH + "/reminders.ics", "my-reminders", my.reminders, _OWN,
          "Doses, measurements and visits of the next 14 days, for the phone's own calendar (RFC 5545)",
          media=CALENDAR, query=_LANGUAGE, refusals=(503,)),
    Route("GET", PATH + "/visits", "my-visits", my_visits.visits, _OWN,
          "One's own visits by video", answer=visits.MyVisits, refusals=(503,)),
    Route("POST", _VISIT + "/session", "my-visit-enter", my_visits.enter, _OWN,
          "Come into one's own visit without a link, for as long as this access lasts",
          refusals=(404, 409, 503)),
    Route("GET", PATH + "/consents", "my-consents", my_consents.consents, _OWN,
          "Everything that one agreed to", answer=visits.MyConsents, refusals=(503,)),
    Route("POST", PATH + "/consents", "my-consent-back", my_consents.take_back, _OWN,
          "Take a consent back", body=visits.TakenBackBody, answer=visits.MyConsents,
          refusals=(400, 404, 409, 503)),
    Route("GET", PATH + "/measured", "my-measured", my_record.measured, _OWN,
          "What devices at home measured in the last 14 days", answer=visits.HomeReadings, refusals=(503,)),
    Route("POST", PATH + "/measured/{id}", "my-measured-say", my_record.say, _OWN,
          "Say whether it was oneself", body=visits.ReadingSaidBody, answer=visits.HomeReadings,
          refusals=(400, 404, 503)),
    Route("GET", PATH + "/looks", "my-looks", my_record.looks, _OWN,
          "Who looked at one's record, by the audit trail", answer=visits.MyLooks, refusals=(503,)),

    Route("POST", _PATIENT + "/invitation", "patient-invite", my_invitations.invite, _WRITE,
          "Invite a patient to see their own medicines; the code is told this once",
          answer=schemas.InvitationAnswer, refusals=(404, 409, 503)),
    Route("DELETE", _PATIENT + "/invitation", "patient-invitation-withdraw", my_invitations.withdraw, _WRITE,
          "Withdraw it", refusals=(404, 503)),
    Route("GET", _PATIENT + "/access", "patient-access", my_invitations.access, _READ,
          "Whether a patient is invited, and where they are in", answer=schemas.AccessAnswer,
          refusals=(404, 503)),
    Route("DELETE", _PATIENT + "/access/{session}", "patient-access-end", my_invitations.end, _WRITE,
          "End one of them", refusals=(404, 503)),
    Route("GET", _PATIENT + "/taken", "patient-taken", my_invitations.taken, _RX,
          "What the patient says of what they took", answer=schemas.TakenAnswer, refusals=(404, 503)),
    Route("GET", _PATIENT + "/measured-at-home", "patient-measured-at-home", my_record.of_patient, _READ,
          "What devices at the patient's home measured, and whether the patient says it was somebody else",
          answer=visits.HomeReadings, refusals=(404, 503)),
    Route("PUT", "/api/beds/{bed}/home", "bed-home", my_record.use_home, Permission.MANAGE_GATEWAYS,
          "Say that a patient lives at this place, or no more", body=visits.HomeBody,
          refusals=(400, 404, 503)),

    Route("GET", "/my", "page-my", pages.serve(_FILES, "my.html"), _PUBLIC,
          "A patient's own medicines", media=_HTML),
    Route("GET", "/my/{path:.+}", "files-my", pages.serve(_FILES), _PUBLIC, "Files", media=_HTML),
    Route("GET", "/invite", "page-invite", pages.serve(_STAFF, "invite.html"), _WRITE,
          "Patients at home: invitations, and what they say they took", media=_HTML),
    Route("GET", "/invite/{path:.+}", "files-invite", pages.serve(_STAFF),
          Permission.OWN_ACCOUNT, "Files", media=_HTML),
)
# fmt: on
