"""Orders, as modalities ask for them: the controller's, through the inner door.

make_inside_app(parts, more=(*MANAGE, *ordered(asking)))
# GET /worklist?keys={"00100020": {"vr": "LO", "Value": ["4711"]}}
"""

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from controller.imaging.asking import Asking
from controller.imaging.errors import BadQuery
from controller.imaging.parts import saw, sight
from controller.imaging.routes import Way
from controller.radiology.worklist import matches, patient_of
from controller.security.permissions import Permission

PATH = "/worklist"
_JSON = "application/dicom+json"


def ordered(asking: Asking) -> tuple[Way, ...]:
    """The routes of orders; `asking`: the way to the controller."""

    async def worklist(request: web.Request) -> web.Response:
        """What is to be done, in DICOM JSON, as far as it meets the keys (PS3.4, K)."""
        keys, seen = _keys(request), sight(request)
        told = [item for item in await asking.worklist() if matches(item, keys)]
        told = [item for item in told if seen.shows(patient_of(item), "")]
        await saw(request, map(patient_of, told), "worklist")
        return web.Response(body=orjson.dumps(told), content_type=_JSON)

    return (Way("GET", PATH, "imaging-worklist", worklist, Permission.READ_IMAGES),)


def _keys(request: web.Request) -> Mapping[str, Any]:
    try:
        keys: Any = orjson.loads(request.query.get("keys", "{}"))
    except ValueError as error:
        raise BadQuery(f"expected keys as DICOM JSON: {error}") from None
    if not (isinstance(keys, dict) and all(isinstance(key, dict) and "vr" in key for key in keys.values())):
        raise BadQuery("expected keys as a data set in DICOM JSON, got something else")
    return keys
