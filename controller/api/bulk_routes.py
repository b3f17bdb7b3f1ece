"""The routes of Bulk Data."""

from controller.api import bulk, bulk_schemas
from controller.api.bulk_resources import KINDS
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_P = Permission.EXPORT_BULK
_TEXT = {"type": "string", "maxLength": 1000}
_QUERY = (
    Query("_type", f"types, with commas: of {', '.join(KINDS)}", _TEXT, required=False),
    Query("_since", "an instant: what changed since", {"type": "string", "maxLength": 40}, required=False),
    Query("_outputFormat", "NDJSON", {"type": "string", "enum": sorted(bulk.FORMATS)}, required=False),
)
_PREFER = (Query("Prefer", "respond-async; handling=lenient", {"type": "string", "maxLength": 200}),)
_REFUSALS = (400, 429, 503)

# fmt: off
BULK_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/fhir/$export", "bulk-system", bulk.system, _P,
          "Begin an export of all that the token may see", media=bulk.MEDIA,
          query=_QUERY, headers=_PREFER, goes_on=True, refusals=_REFUSALS),
    Route("GET", "/api/fhir/Patient/$export", "bulk-patients", bulk.patients, _P,
          "Begin an export of all patients", media=bulk.MEDIA,
          query=_QUERY, headers=_PREFER, goes_on=True, refusals=_REFUSALS),
    Route("GET", "/api/fhir/Group/{id}/$export", "bulk-group", bulk.group, _P,
          "Begin an export of the patients of a ward", media=bulk.MEDIA,
          query=_QUERY, headers=_PREFER, goes_on=True, refusals=(404, *_REFUSALS)),
    Route("GET", "/api/fhir/bulk/{job}", "bulk-status", bulk.status, _P,
          "How far an export is; its files, once it is done", answer=bulk_schemas.BulkManifest,
          goes_on=True, refusals=(400, 404, 500, 503)),
    Route("GET", "/api/fhir/bulk/{job}/{file}", "bulk-file", bulk.file, _P,
          "A file of an export, or the rest of one (Range)", media=bulk.NDJSON,
          outcomes=True, refusals=(400, 404, 503)),
    Route("DELETE", "/api/fhir/bulk/{job}", "bulk-delete", bulk.delete, _P,
          "Give an export up, or delete its files", goes_on=True, refusals=(400, 404, 503)),
)
# fmt: on
