"""Every way in, with what it asks for. A row without a permission cannot be made."""

from dataclasses import dataclass

from aiohttp.typedefs import Handler

from controller.imaging.dicomweb import bulk, deletion, frames, metadata, qido, rendered, stow, wado
from controller.security.permissions import Permission

BASE = "/dicom-web"
"""Of everything of PS3.18."""
_STUDY = f"{BASE}/studies/{{study}}"
_SERIES = f"{_STUDY}/series/{{series}}"
_INSTANCE = f"{_SERIES}/instances/{{instance}}"
_READ, _ADD, _MANAGE = Permission.READ_IMAGES, Permission.ADD_IMAGES, Permission.MANAGE_IMAGES


@dataclass(frozen=True, slots=True)
class Way:
    """A row; `name` is the action in the audit trail."""

    method: str
    path: str
    name: str
    handler: Handler
    permission: Permission


def _levels(name: str, handler: Handler, suffix: str, permission: Permission) -> tuple[Way, ...]:
    paths = {"instance": _INSTANCE, "series": _SERIES, "study": _STUDY}
    return tuple(
        Way("GET", path + suffix, f"{name}-{level}", handler, permission) for level, path in paths.items()
    )


STORE = (
    Way("POST", f"{BASE}/studies", "images-store", stow.store, _ADD),
    Way("POST", _STUDY, "images-store-study", stow.store, _ADD),
)
SEARCH = (
    Way("GET", f"{BASE}/studies", "images-search-studies", qido.studies, _READ),
    Way("GET", f"{_STUDY}/series", "images-search-series-of-study", qido.series, _READ),
    Way("GET", f"{BASE}/series", "images-search-series", qido.series, _READ),
    Way("GET", f"{_SERIES}/instances", "images-search-instances-of-series", qido.instances, _READ),
    Way("GET", f"{_STUDY}/instances", "images-search-instances-of-study", qido.instances, _READ),
    Way("GET", f"{BASE}/instances", "images-search-instances", qido.instances, _READ),
)
RETRIEVE = (
    Way("GET", f"{_INSTANCE}/frames/{{frames}}", "images-frames", frames.frames, _READ),
    *_levels("images-retrieve", wado.retrieve, "", _READ),
    *_levels("images-metadata", metadata.metadata, "/metadata", _READ),
    *_levels("images-rendered", rendered.rendered, "/rendered", _READ),
    *_levels("images-thumbnail", rendered.thumbnail, "/thumbnail", _READ),
    Way("GET", f"{_INSTANCE}/frames/{{frames}}/rendered", "images-rendered-frames", rendered.rendered, _READ),
    Way(
        "GET",
        f"{_INSTANCE}/frames/{{frames}}/thumbnail",
        "images-thumbnail-frames",
        rendered.thumbnail,
        _READ,
    ),
    Way("GET", f"{_INSTANCE}/bulkdata/{{path:.+}}", "images-bulk", bulk.bulk, _READ),
)
DELETE = tuple(
    Way("DELETE", path, f"images-delete-{level}", deletion.delete, _MANAGE)
    for level, path in (("study", _STUDY), ("series", _SERIES), ("instance", _INSTANCE))
)
TABLE: tuple[Way, ...] = (*RETRIEVE, *STORE, *SEARCH, *DELETE)
"""What is asked for most comes first: the router tries one after the other."""
