"""The rows of the route table for notices of the pharmacy."""

from controller.api import pharmacy_notices, prescriptions_rounds
from controller.api import pharmacy_notices_schemas as schemas
from controller.api.prescriptions_rounds_schemas import SeenAfterwardsBody
from controller.api.prescriptions_schemas import GivenView
from controller.api.replaced import REPLACED
from controller.api.route import Query, Route
from controller.prescriptions.pharmacy_notices import KINDS
from controller.security.permissions import Permission

_ALL = "/api/pharmacy/notices"
_ASKED = (
    Query("kind", "only these", {"type": "string", "enum": ["", *KINDS]}, required=False),
    Query("done", "true: those that somebody acknowledged, too", {"type": "boolean"}, required=False),
)
_P = Permission.DISPENSE

# fmt: off
PHARMACY_NOTICES_ROUTES: tuple[Route, ...] = (
    Route("GET", _ALL, "pharmacy-notices", pharmacy_notices.notices, _P,
          "What the pharmacy has to know and nobody has acknowledged, the oldest first",
          answer=schemas.PharmacyNoticeList, query=_ASKED, refusals=(400, 503)),
    Route("PUT", _ALL + "/{id}/acknowledged", "pharmacy-notice-acknowledged", pharmacy_notices.acknowledge,
          _P, "Say that one sees to it", refusals=(400, 404, 409, 503)),
    Route("PUT", "/api/pharmacy/administrations/{administration}/seen", "pharmacy-medication-seen",
          prescriptions_rounds.see_in_pharmacy, _P,
          "Say that one looked afterwards at what was given without a witness",
          body=SeenAfterwardsBody, answer=GivenView, headers=(REPLACED,),
          refusals=(400, 404, 409, 412, 428, 503)),
)
# fmt: on
