"""DELETE of studies, series and instances: not of PS3.18, which leaves it to each archive.

Whoever deletes says why: in the body, `{"why": "…"}`, or in a header `Wardlink-Why` (percent-encoded UTF-8).
"""

from typing import Final
from urllib.parse import unquote

import orjson
from aiohttp import web

from controller.imaging.archive.deletion import What
from controller.imaging.archive.deletion import delete as delete_of_archive
from controller.imaging.dicomweb.asked import stored
from controller.imaging.errors import BadQuery
from controller.imaging.parts import actor, parts, saw, sight

WHY: Final = "Wardlink-Why"
LONGEST: Final = 500
"""Characters of a reason."""


async def delete(request: web.Request) -> web.StreamResponse:
    """DELETE …/studies/{study}… Answers how many instances went and how many bytes that freed.

    Who deleted what and why is in the audit trail before it is gone, and in the archive's own list after.
    Raises BadUid, BadQuery, NoSuchImage, StoreError.
    """
    why = await _why(request)
    found = await stored(request)
    names = request.match_info
    what = What(names["study"], names.get("series"), names.get("instance"))
    entity = "/".join(filter(None, ("study", what.study, what.series, what.instance)))
    await saw(request, {one.patient_id for one in found}, entity, "images-delete")
    gone = await delete_of_archive(parts(request).archive, sight(request), what, by=actor(request), why=why)
    return web.json_response({"instances": gone.instances, "bytes": gone.bytes})


async def _why(request: web.Request) -> str:
    """Raises BadQuery: no reason is given."""
    reason: object = unquote(request.headers.get(WHY, ""))
    if request.body_exists:
        try:
            body = orjson.loads(await request.read())
        except orjson.JSONDecodeError as error:
            raise BadQuery(f'expected a body of {{"why": "…"}}: {error}') from error
        reason = body.get("why") if isinstance(body, dict) else None
    if not isinstance(reason, str) or not 0 < len(reason.strip()) <= LONGEST:
        raise BadQuery(f"expected a reason of 1 to {LONGEST} characters: whoever deletes says why")
    return reason.strip()
