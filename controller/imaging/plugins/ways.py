"""What the imaging service answers the plug-ins' process, by its inner door: which instances are new."""

from typing import Final

import orjson
from aiohttp import web

from controller.imaging.manage.filters import whole
from controller.imaging.parts import parts
from controller.imaging.routes import Way
from controller.security.permissions import Permission

MOST: Final = 500
OVERLAP: Final = 100
"""So many are told again: where the newest instance was deleted, the next one gets its number."""
_FARTHEST: Final = 999_999_999
_NEWEST: Final = """SELECT instance.id, study.uid AS study, series.uid AS series,
  instance.uid AS instance, instance.class
FROM instance JOIN series ON series.id = instance.series JOIN study ON study.id = series.study
WHERE instance.id > min(?, (SELECT ifnull(max(id), 0) FROM instance)) - ?
ORDER BY instance.id LIMIT ?"""


async def newest(request: web.Request) -> web.StreamResponse:
    """GET /manage/newest?after=ID: instances in the order in which they were stored, without what is in them.

    `last`: what to ask for next; some are told twice. Nothing of a patient is in the answer. Raises BadQuery.
    """
    after = whole(request.query, "after", 0, _FARTHEST)
    rows = await parts(request).archive.store.read(_NEWEST, (after, OVERLAP, MOST))
    names = ("study", "series", "instance", "class")
    told = {
        "instances": [{name: row[name] for name in names} for row in rows],
        "last": rows[-1]["id"] if rows else 0,
    }
    return web.Response(body=orjson.dumps(told), content_type="application/json")


PLUGINS: Final = (Way("GET", "/manage/newest", "imaging-newest", newest, Permission.READ_IMAGES),)
"""For `make_inside_app(parts, more=PLUGINS)` alone."""
