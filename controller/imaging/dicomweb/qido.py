"""QIDO-RS: searches for studies, series and instances (PS3.18, 10.6), over what the one who asks may see."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from controller.imaging.archive.uids import checked
from controller.imaging.dicomweb.asked import base, json_answer, json_type
from controller.imaging.dicomweb.keys import Level
from controller.imaging.dicomweb.matching import Conditions
from controller.imaging.dicomweb.query import Search, parse
from controller.imaging.dicomweb.results import Results
from controller.imaging.parts import parts, saw, sight
from controller.imaging.sight import CLAUSE, Sight, parameters

MOST_COUNTED: Final = 10_000
"""Results that are counted beyond a page."""
_OF_FEW: Final = "study.patient_id IN (SELECT value FROM json_each(:patients))"
"""Says what CLAUSE says, in a form for which the index of patients is used: somebody who sees a ward does not
wait while the whole archive is looked through."""
_CLASSES: Final = """(SELECT group_concat(DISTINCT its.class) FROM series AS one
  JOIN instance AS its ON its.series = one.id WHERE one.study = study.id)"""
_OF_STUDY: Final = """study.uid AS study_uid, study.patient_id, study.modalities,
study.series AS study_series, study.instances AS study_instances, study.attributes AS study_attributes"""
_OF_SERIES: Final = """series.uid AS series_uid, series.instances AS series_instances,
series.attributes AS series_attributes"""
_OF_INSTANCE: Final = "instance.uid, instance.class, instance.number, instance.syntax, instance.pixel"
_SLOW: Final = """EXISTS (SELECT 1 FROM series AS one JOIN instance AS its ON its.series = one.id
  JOIN file ON file.sha256 = its.file WHERE {of} AND file.tier = 1)"""
_NEAR: Final = {
    Level.STUDY: _SLOW.format(of="one.study = study.id"),
    Level.SERIES: _SLOW.format(of="one.id = series.id"),
    Level.INSTANCE: "(SELECT tier FROM file WHERE sha256 = instance.file)",
}
"""Whether something of it is at the slow place."""
_FROM: Final = {
    Level.STUDY: "study",
    Level.SERIES: "series JOIN study ON study.id = series.study",
    Level.INSTANCE: """instance JOIN series ON series.id = instance.series
JOIN study ON study.id = series.study""",
}
_WITHIN: Final = {
    Level.SERIES: "series.number IS NULL, series.number, series.id",
    Level.INSTANCE: "instance.number IS NULL, instance.number, instance.id",
}
_ORDER: Final = {
    Level.STUDY: "study.date DESC, study.time DESC, study.id DESC",
    Level.SERIES: "series.id",
    Level.INSTANCE: "instance.id",
}
"""A page must follow on the one before: every order is complete."""


async def studies(request: web.Request) -> web.StreamResponse:
    """GET /studies, the newest first. Raises BadQuery, NotAcceptable, StoreError."""
    return await _search(request, Level.STUDY)


async def series(request: web.Request) -> web.StreamResponse:
    """GET /series and /studies/{study}/series. Raises as `studies`, and BadUid."""
    return await _search(request, Level.SERIES)


async def instances(request: web.Request) -> web.StreamResponse:
    """GET /instances, /studies/{study}/instances, /studies/{study}/series/{series}/instances."""
    return await _search(request, Level.INSTANCE)


async def _search(request: web.Request, level: Level) -> web.StreamResponse:
    names = request.match_info
    within = [checked(names[name], name) if name in names else None for name in ("study", "series")]
    asked = [(name, value) for name, value in request.query.items() if name != "accept"]
    search = parse(level, asked, *within)
    kind = json_type(request)
    archive = parts(request).archive
    slow = archive.tiers is not None and not archive.tiers.slow.quick
    statement = Statement(search, sight(request), slow=slow)
    store = archive.store
    found = await store.read(statement.page, statement.parameters)
    rows = found[: search.limit]
    headers: dict[str, str] = {}
    if len(found) > search.limit:
        counted = await store.read(statement.count, statement.parameters)
        headers["Warning"] = _more(counted[0]["number"] - search.offset - len(rows))
    if not rows:
        return web.Response(status=204, headers=headers)
    await saw(request, {row["patient_id"] for row in rows}, f"search/{level.name.lower()}")
    results = Results(search, base(request))
    return json_answer([results.item(row) for row in rows], kind=kind, headers=headers)


def _more(left: int) -> str:
    told = f"{left} or more" if left >= MOST_COUNTED else left
    return f'299 wardlink "There are {told} additional results that can be requested"'


class Statement:
    """A search as SQL over what `seen` shows; `slow`: the slow place is slow now. Raises BadQuery."""

    def __init__(self, search: Search, seen: Sight, *, slow: bool = False) -> None:
        conditions = Conditions(search)
        few = "" if seen.patients is None else _OF_FEW
        self._where = " AND ".join(filter(None, (CLAUSE, few, conditions.where)))
        self._search = search
        self._near = _NEAR[search.level] if slow else "0"
        self.parameters: Mapping[str, Any] = {
            **conditions.parameters,
            **parameters(seen),
            "limit": search.limit + 1,
            "offset": search.offset,
            "most": search.offset + search.limit + MOST_COUNTED,
        }

    @property
    def page(self) -> str:
        """The rows of the page, and one more: to know whether there is a next one."""
        return f"{_select(self._search, self._near)} WHERE {self._where} {_ordered(self._search)}"

    @property
    def count(self) -> str:
        """How many there are, as `number`; no more are counted than MOST_COUNTED beyond the page."""
        matches = f"SELECT 1 FROM {_FROM[self._search.level]} WHERE {self._where} LIMIT :most"
        return f"SELECT count(*) AS number FROM ({matches})"


def _select(search: Search, near: str) -> str:
    classes = _CLASSES if "00080062" in search.include else "NULL"
    columns = [_OF_STUDY, f"{classes} AS classes", f"{near} AS near"]
    if search.level >= Level.SERIES:
        columns.append(_OF_SERIES)
    if search.level is Level.INSTANCE:
        columns.append(_OF_INSTANCE)
        whole = search.include or search.everything
        columns.append("metadata, dictionary" if whole else "NULL AS metadata, NULL AS dictionary")
    return f"SELECT {', '.join(columns)} FROM {_FROM[search.level]}"


def _ordered(search: Search) -> str:
    """Within a study by number, as a person leafs through it; else by what the index gives at once."""
    by_number = search.level is not Level.STUDY and search.value("0020000D")
    order = _WITHIN[search.level] if by_number else _ORDER[search.level]
    return f"ORDER BY {order} LIMIT :limit OFFSET :offset"
