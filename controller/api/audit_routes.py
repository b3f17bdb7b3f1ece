"""The routes of the audit trail."""

from typing import Any

from controller.api import audit, audit_schemas, pages
from controller.api.route import Query, Route
from controller.security.permissions import Permission

_AUDIT = Permission.READ_AUDIT
_PAGES = pages.load("audit")
_MS = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string", "maxLength": 64}
_LIMIT = {"type": "integer", "minimum": 1, "maximum": audit.MOST, "default": audit.PAGE}


def _may(name: str, meaning: str, schema: dict[str, Any]) -> Query:
    return Query(name, meaning, schema, required=False)


_ASKED = (
    Query("from_ms", "beginning, ms since 1970, UTC", _MS),
    Query("to_ms", "end, ms since 1970, UTC", _MS),
    _may("patient", "the patient's identifier: who saw that one", _TEXT),
    _may("actor", "who did it", _TEXT),
    _may("action", "what was done", _TEXT),
)
_PAGED = _may("before", "entries before this number", _MS), _may("limit", "at most so many entries", _LIMIT)
_FORMAT = _may("format", "of the file", {"type": "string", "enum": list(audit.FORMATS), "default": "csv"})

# fmt: off
AUDIT_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/audit", "audit", audit.search, _AUDIT,
          "Who did what, to whom, when, from where and why: the newest first",
          answer=audit_schemas.AuditFound, query=(*_ASKED, *_PAGED), refusals=(400, 503)),
    Route("GET", "/api/audit/export", "audit-export", audit.export, _AUDIT,
          "All that the search finds: CSV, FHIR R4 AuditEvents, or the entries with their hashes",
          media="text/csv", other_media=tuple(sorted({*audit.FORMATS.values()} - {"text/csv"})),
          query=(*_ASKED, _FORMAT), refusals=(400, 503)),
    Route("GET", "/api/audit/verification", "audit-verification", audit.verification, _AUDIT,
          "Whether the trail is what was written, as of when",
          answer=audit_schemas.AuditVerification),
    Route("GET", "/audit", "page-audit", pages.serve(_PAGES, "audit.html"), _AUDIT,
          "The audit trail for auditors", media="text/html"),
    Route("GET", "/audit/{path:.+}", "files-audit", pages.serve(_PAGES), _AUDIT, "Files", media="text/html"),
)
# fmt: on
