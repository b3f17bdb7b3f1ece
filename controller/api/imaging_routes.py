"""The rows of the route table for the archive of images."""

from typing import Any

from controller.api import imaging, imaging_imports, pages
from controller.api import imaging_schemas as schemas
from controller.api.route import Query, Route
from controller.imaging.manage.filters import MOST, PAGE
from controller.security.permissions import Permission

_READ, _ADD, _MANAGE = Permission.READ_IMAGES, Permission.ADD_IMAGES, Permission.MANAGE_IMAGES
_PAGE = pages.load("imaging")
_STUDY = "/api/imaging/studies/{study}"
_HTML = "text/html"
_REFUSED = (400, 404, 503)


def _may(name: str, meaning: str, schema: dict[str, Any]) -> Query:
    return Query(name, meaning, schema, required=False)


def _text(longest: int) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest}


_DATE = {"type": "string", "pattern": "^([0-9]{8})?$"}
_ASKED = (
    _may("patient", "the identifier, or beginnings of words of the name", _text(64)),
    _may("from", "the earliest study date, YYYYMMDD", _DATE),
    _may("to", "the latest study date, YYYYMMDD", _DATE),
    _may("modality", "of one of its series: CT, US …", {"type": "string", "pattern": "^[A-Z0-9_ ]{0,16}$"}),
    _may("accession", "the accession number", _text(64)),
    _may("urgency", "at least", {"type": "string", "enum": ["", "0", "1", "2", "3"]}),
    _may("study", "one study, by its UID", {"type": "string", "pattern": "^[0-9.]{0,64}$"}),
    _may("offset", "studies to leave out", {"type": "integer", "minimum": 0, "default": 0}),
    _may("limit", "at most so many", {"type": "integer", "minimum": 1, "maximum": MOST, "default": PAGE}),
)

# fmt: off
IMAGING_ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/imaging/studies", "imaging-studies", imaging.studies, _READ,
          "Studies of the patients whom one may see, the urgent and the new ones first",
          answer=schemas.Worklist, query=_ASKED, refusals=_REFUSED),
    Route("PUT", _STUDY + "/urgency", "imaging-urgency", imaging.urgency, _ADD,
          "Say how soon a study is to be looked at", body=schemas.UrgencyBody, refusals=_REFUSED),
    Route("POST", _STUDY + "/deletion", "imaging-delete", imaging.delete, _MANAGE,
          "Delete a study for a stated reason", body=schemas.DeleteBody, refusals=_REFUSED),
    Route("GET", "/api/imaging/quarantine", "imaging-quarantine", imaging.quarantine, _MANAGE,
          "Files that were not let into the archive, and wait for a person",
          answer=schemas.NotLetInList, refusals=(404, 503)),
    Route("PUT", "/api/imaging/quarantine/{id}/settled", "imaging-settle", imaging.settle, _MANAGE,
          "Discard such a file, or take it after all", body=schemas.SettledBody, refusals=(*_REFUSED, 409)),
    Route("GET", "/api/imaging/doubts", "imaging-doubts", imaging.doubts, _MANAGE,
          "Studies whose patient may be another than they say",
          answer=schemas.DoubtList, refusals=(404, 503)),
    Route("PUT", "/api/imaging/doubts/{study}/confirmed", "imaging-confirm", imaging.confirm, _MANAGE,
          "Say that the patient is the right one", refusals=_REFUSED),
    Route("PUT", _STUDY + "/patient", "imaging-move", imaging.move, _MANAGE,
          "Say whose a study is: its files are rewritten", body=schemas.MoveBody, refusals=(*_REFUSED, 409)),
    Route("GET", "/api/imaging/imports/consent", "imaging-consent", imaging_imports.consent, _ADD,
          "The statement that is to be agreed to before a file is added",
          answer=schemas.Statement, refusals=(404, 503)),
    Route("POST", "/api/imaging/imports", "imaging-add", imaging_imports.add, _ADD,
          "Add a JPEG, PNG or PDF to a patient's record: about (JSON), then file",
          takes="multipart/form-data", answer=schemas.Added, refusals=(*_REFUSED, 422, 507)),
    Route("GET", "/imaging", "page-imaging", pages.serve(_PAGE, "imaging.html"), _READ,
          "The worklist of images", media=_HTML),
    Route("GET", "/imaging/{path:.+}", "files-imaging", pages.serve(_PAGE), Permission.OWN_ACCOUNT,
          "Files", media=_HTML),
)
# fmt: on
