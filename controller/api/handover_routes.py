"""The rows of the route table for handing a patient over."""

from controller.api import handover
from controller.api.handover_schemas import Handover
from controller.api.route import Query, Route
from controller.handover.fhir import MEDIA
from controller.handover.words import LANGUAGES
from controller.security.permissions import Permission

_PATH = "/api/beds/{bed}/handover"
_MINUTES = {
    "type": "integer",
    "minimum": -handover.MOST_MINUTES,
    "maximum": handover.MOST_MINUTES,
    "default": 0,
}
_PRINTED = (
    Query("lang", "of the words", {"type": "string", "enum": [*LANGUAGES], "default": LANGUAGES[0]}, False),
    Query("offset", "of the times: minutes that are added to UTC", _MINUTES, required=False),
)

# fmt: off
HANDOVER_ROUTES: tuple[Route, ...] = (
    Route("GET", _PATH, "handover", handover.handover, Permission.READ_WARD,
          "What would be handed over of the bed's present patient: of this stay and those just before it",
          answer=Handover, refusals=(404, 503)),
    Route("GET", f"{_PATH}/fhir", "handover-fhir", handover.handover_fhir, Permission.READ_WARD,
          "The same as a FHIR R4 document", media=MEDIA, refusals=(404, 503)),
    Route("GET", f"{_PATH}/pdf", "handover-pdf", handover.handover_pdf, Permission.READ_WARD,
          "The same as one page to print", media="application/pdf", query=_PRINTED, refusals=(400, 404, 503)),
)
# fmt: on
