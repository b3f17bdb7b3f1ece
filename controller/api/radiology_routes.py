"""The rows of the route table for orders of imaging, and their reports."""

from controller.api import fhir, radiology, unsolicited
from controller.api import radiology_schemas as schemas
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.radiology.fhir import MEDIA
from controller.radiology.states import OrderState
from controller.security.permissions import Permission

_READ, _ADD = Permission.READ_IMAGES, Permission.ADD_IMAGES
_ORDER, _REPORT = Permission.ORDER_IMAGES, Permission.REPORT_IMAGES
_ORDERS, _NOTICES = radiology.ORDERS, "/api/imaging/notices"
_NUMBER = {"type": "integer", "minimum": 1}
_ONE, _NOTICE = f"{_ORDERS}/{{order}}", f"{_NOTICES}/{{id}}"
_ASKED = (
    Query("patient", "the identifier", {"type": "string", "maxLength": 64}, required=False),
    Query(
        "state", "as FHIR has them", {"type": "string", "enum": ["", *map(str, OrderState)]}, required=False
    ),
    Query("before", "only orders older than this one: see `next` of an answer", _NUMBER, required=False),
)
_PATIENT = (
    Query("patient", "the identifier", {"type": "string", "minLength": 1, "maxLength": fhir.LONGEST}),
)
_CHANGES = (400, 404, 409, 412, 428, 503)

# fmt: off
RADIOLOGY_ROUTES: tuple[Route, ...] = (
    Route("GET", _ORDERS, "imaging-orders", radiology.orders, _READ,
          "Orders for the patients whom one may see, the newest first",
          answer=schemas.ImagingOrderList, query=_ASKED, refusals=(400, 503)),
    Route("POST", _ORDERS, "imaging-order-place", radiology.place, _ORDER,
          "Ask for imaging of the patient on a bed", body=schemas.OrderBody,
          answer=schemas.ImagingOrderView, refusals=(400, 404, 409, 503)),
    Route("POST", "/api/imaging/studies/{study}/order", "imaging-unsolicited", unsolicited.begin, _REPORT,
          "The order of a study of which one means to write a report; made now, if nobody has ordered it",
          answer=schemas.ImagingOrderView, refusals=(400, 404, 409, 503)),
    Route("PUT", _ONE + "/state", "imaging-order-state", radiology.step, _ORDER,
          "Activate an order, put it on hold, revoke it", body=schemas.OrderStateBody,
          answer=schemas.ImagingOrderView, headers=(REPLACED,), refusals=_CHANGES),
    Route("PUT", _ONE + "/schedule", "imaging-order-schedule", radiology.schedule, _ADD,
          "Say which device does it, and when", body=schemas.ScheduleBody,
          answer=schemas.ImagingOrderView, headers=(REPLACED,), refusals=_CHANGES),
    Route("GET", _ONE + "/report", "imaging-report", radiology.report, _READ,
          "The report of an order, all its versions; its ETag is the newest one's number",
          answer=schemas.ImagingReport, refusals=(404, 503)),
    Route("PUT", _ONE + "/report", "imaging-report-write", radiology.write, _REPORT,
          "Write the next version of a report; who signs proves again who they are",
          body=schemas.ReportBody, answer=schemas.ImagingReport, headers=(REPLACED,),
          refusals=(*_CHANGES, 401, 429)),
    Route("GET", _ONE + "/report/signed", "imaging-report-file", radiology.signed, _READ,
          "The newest signed version with its signature, for `wardlink controller report verify`",
          media=radiology.SIGNED, refusals=(404, 503)),
    Route("GET", _NOTICES, "imaging-notices", radiology.notices, _READ,
          "Signed reports that one has not read, and critical ones that nobody has acknowledged",
          answer=schemas.NoticeList, refusals=(503,)),
    Route("PUT", _NOTICE + "/read", "imaging-notice-read", radiology.read, _ORDER,
          "Say that one has read it", refusals=(400, 404, 503)),
    Route("PUT", _NOTICE + "/acknowledged", "imaging-notice-acknowledge", radiology.acknowledge, _ORDER,
          "Say that a critical result is known and acted on", answer=schemas.NoticeView,
          refusals=(400, 404, 409, 503)),
    Route("GET", "/api/fhir/ServiceRequest", "fhir-service-request", fhir.service_requests, _READ,
          "Orders for imaging of a patient, as a searchset Bundle of FHIR R4",
          media=MEDIA, query=_PATIENT, refusals=(400, 503)),
    Route("GET", "/api/fhir/DiagnosticReport", "fhir-diagnostic-report", fhir.diagnostic_reports, _READ,
          "The newest version of each report of a patient's imaging, likewise",
          media=MEDIA, query=_PATIENT, refusals=(400, 503)),
    Route("GET", "/api/fhir/ImagingStudy", "fhir-imaging-study", fhir.imaging_studies, _READ,
          "A patient's studies in the archive, with their series, likewise",
          media=MEDIA, query=_PATIENT, refusals=(400, 404, 503)),
)
# fmt: on
