"""Reports of studies that nobody has ordered here: an order is made for one, after the archive was asked."""

from typing import Any

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.context import context, user
from controller.api.imaging_context import ask
from controller.api.radiology import own_sight, shown
from controller.api.replaced import tag
from controller.errors import Conflict, NotFound
from controller.identity.certificates import By
from controller.imaging.archive.uids import is_uid
from controller.radiology.model import Unsolicited

_NO_IMAGES = frozenset({"SR", "PR", "KO", "DOC"})
"""Modalities of what is said of images (PS3.3, C.7.3.1.1.1)."""
_LONGEST = 64


async def begin(request: web.Request) -> web.StreamResponse:
    """POST /api/imaging/studies/{study}/order: the order that there is already, or a new one.

    Raises NotFound, Conflict, ServiceRefused, ServiceSilent.
    """
    uid = request.match_info["study"]
    if not is_uid(uid):
        raise BadRequest(f"expected a Study Instance UID, got {uid!r:.80}")
    study = await _study(request, uid)
    by, parts = By(user(request).name, request.remote or ""), context(request).radiology
    order = await parts.orders.unsolicited(_unsolicited(study), by)
    parts.tell(order)
    await record_access(request, {order.identifier})
    return answer(shown(order), headers=tag(order.revision))


async def _study(request: web.Request, uid: str) -> dict[str, Any]:
    """As the archive tells of it; breaking the glass lets a person look, not write."""
    found = (await ask(request, "GET", "/manage/studies", params={"study": uid}))["studies"]
    whose = str(found[0]["patient"]["identifier"] or "") if found else ""
    if not found or not own_sight(request).shows(whose, found[0]["held"]):
        raise NotFound(f"there is no study {uid}: see /api/imaging/studies for those there are")
    if not whose or found[0]["held"]:
        raise Conflict("expected a study of which it is sure whose it is: settle that first")
    return found[0]


def _unsolicited(study: dict[str, Any]) -> Unsolicited:
    images = [one for one in study["modalities"] if one not in _NO_IMAGES]
    modality = (images or study["modalities"] or ["OT"])[0]
    part = study["description"].strip()[:_LONGEST] or "not said by its files"
    return Unsolicited(study["study"], study["accession"], study["patient"]["identifier"], modality, part)
