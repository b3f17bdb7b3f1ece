"""Files that are no DICOM and that a person adds on a page: passed on to the imaging service as they come.

The service decides whether the person sees the patient, has agreed word for word, and what the file is; it
writes the trail, too.
"""

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.imaging_context import ask, imaging, speaker
from controller.imaging.stills.about import LARGEST
from controller.listening import BODY_S, let_last

FORM = "multipart/form-data"
LARGEST_FORM = LARGEST + 64 * 1024
"""Bytes of the whole body: the file, what is said of it, and what separates them."""
SLOWEST = int(BODY_S) * 8 * 1024
"""Bytes in BODY_S: 64 kbit/s, as at the service's own door."""


async def consent(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/imports/consent."""
    return answer(await ask(request, "GET", "/imports/consent"))


async def add(request: web.Request) -> web.StreamResponse:
    """POST /api/imaging/imports. Raises BadRequest, NotFound, ServiceRefused, ServiceSilent."""
    client, headers = imaging(request).client, {"Content-Type": _content_type(request)}
    let_last(request, SLOWEST)
    async with client.request(
        speaker(request), "POST", "/imports", headers=headers, data=request.content
    ) as response:
        return web.Response(body=await response.read(), content_type="application/json")


def _content_type(request: web.Request) -> str:
    """With its boundary. Raises BadRequest: it is no form, or one that nobody here takes whole."""
    if request.content_type != FORM:
        raise BadRequest(f"expected Content-Type {FORM}, got {request.content_type!r:.60}")
    if request.content_length is None:
        raise BadRequest("expected a Content-Length, there is none: say how large the form is")
    if request.content_length > LARGEST_FORM:
        raise BadRequest(f"expected a form of at most {LARGEST_FORM} bytes, got {request.content_length}")
    return request.headers["Content-Type"]
