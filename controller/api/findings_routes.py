"""The rows of the route table for what plug-ins have found."""

from controller.api import failures, fhir, findings
from controller.api import findings_schemas as schemas
from controller.api.route import Query, Route
from controller.radiology.fhir import MEDIA
from controller.security.permissions import Permission

_PATIENT = (
    Query("patient", "the identifier", {"type": "string", "minLength": 1, "maxLength": fhir.LONGEST}),
)

# fmt: off
FINDINGS_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/beds/{bed}/findings", "findings", findings.findings, Permission.READ_WARD,
          "What programs have found of the bed's present patient, for review by a physician",
          answer=schemas.PluginFindings, refusals=(404, 503)),
    Route("GET", "/api/imaging/failures", "plugin-failures", failures.failures, Permission.RUN_PLUGINS,
          "What plug-ins could not look at, and why",
          answer=schemas.PluginFailures, refusals=(503,)),
    Route("POST", "/api/imaging/failures/{id}/again", "plugin-look-again", failures.again,
          Permission.RUN_PLUGINS, "Have it tried again", refusals=(400, 404, 503)),
    Route("GET", "/api/fhir/Observation", "fhir-observation", findings.observations, Permission.READ_IMAGES,
          "What programs have found of a patient, as a searchset Bundle of FHIR R4",
          media=MEDIA, query=_PATIENT, refusals=(400, 503)),
)
# fmt: on
