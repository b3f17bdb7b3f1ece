"""The rows of the route table for what people assess at a bed."""

from controller.api import assessment_schemas as schemas
from controller.api import assessments
from controller.api.route import Route
from controller.security.permissions import Permission

_PATH = "/api/beds/{bed}/assessments"

# fmt: off
ASSESSMENT_ROUTES: tuple[Route, ...] = (
    Route("GET", _PATH, "assessments", assessments.assessments, Permission.READ_WARD,
          "What people assessed of the bed's present patient: the last of each kind, and all in turn",
          answer=schemas.Assessments, refusals=(404, 503)),
    Route("POST", _PATH, "assess", assessments.assess, Permission.ASSESS,
          "Enter consciousness, oxygen, the scale of SpO2 or the Glasgow Coma Scale of the bed's patient",
          body=schemas.AssessmentBody, refusals=(400, 404, 409, 503)),
)
# fmt: on
