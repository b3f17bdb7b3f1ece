"""Pictures that go along with a referral: rendered by our archive for who refers, and shown as copies.

The archive is asked for this one patient, as if nobody else's were there. At the partner a picture is part of
the copy: it is shown while the copy is, and each look is in the trail.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from aiohttp import web

from controller.api.auditing import record_access
from controller.api.conferences_context import number_of
from controller.api.context import context, user
from controller.api.imaging_context import imaging
from controller.api.partners_context import partnership
from controller.api.patient_images import JPEG
from controller.api.patients import sight
from controller.errors import Conflict, NotFound
from controller.imaging.sight import Sight
from controller.imaging.speaker import Speaker
from controller.partners.bundles import jpeg_of, resources
from controller.partners.model import Referral
from controller.partners.papers import LARGEST_PICTURES, MOST_PICTURES, Study, chosen, papers_of
from controller.partners.papers import RESULTS_DAYS as DAYS
from controller.security.permissions import Permission

Json = dict[str, Any]
DAY_US = 86_400_000_000
_LOOK = {"viewport": "900,900", "quality": "80"}


async def papers(request: web.Request, patient: str) -> tuple[Json, ...]:
    """Results and signed reports of a patient whom who asks sees."""
    clock, store = context(request).clock, context(request).store
    now_us = clock.now_us()
    return await papers_of(store, patient, now_us - DAYS * DAY_US, clock.utc_us() - now_us)


async def studies(request: web.Request, patient: str, uids: Sequence[str]) -> tuple[Study, ...]:
    """Those of this patient, with some of their frames. Raises NotFound; Conflict: they are too large."""
    if not uids:
        return ()
    seen = Sight(frozenset({patient}))
    speaker = Speaker(
        user(request).name, request.remote or "", frozenset({str(Permission.READ_IMAGES)}), seen
    )
    path = f"/quick/patients/{quote(patient, safe='')}/studies"
    listed = await imaging(request).client.json(speaker, "GET", path)
    known = {one["study"]: one for one in listed["studies"]}
    if unknown := [uid for uid in uids if uid not in known]:
        raise NotFound(f"the patient has no study {unknown[0]!r:.70}: choose another")
    each = MOST_PICTURES // len(uids)
    found = [await _study(request, speaker, known[uid], each) for uid in dict.fromkeys(uids)]
    if sum(len(jpeg) for one in found for jpeg in one.jpegs) > LARGEST_PICTURES:
        raise Conflict("these pictures are too large for one referral: choose fewer studies")
    return tuple(found)


async def picture(request: web.Request) -> web.StreamResponse:
    """GET /api/referrals/{id}/pictures/{place}: as it went or came."""
    one, place = await _found(request), number_of(request, "place")
    found = media_of((await partnership(request).referrals.papers(one)).case)
    if place >= len(found):
        raise NotFound(f"there is no picture {place} in referral {one.number}: look at the case again")
    await record_access(request, {one.whose}, entity=f"{one.entity}/picture/{place}")
    return web.Response(body=jpeg_of(found[place]), content_type=JPEG, headers={"Cache-Control": "no-store"})


def media_of(case: Json) -> list[Json]:
    """The pictures of a case, in their order."""
    return [one for one in resources(case) if one["resourceType"] == "Media"]


def without_pictures(case: Json) -> Json:
    """The case with each picture's title alone: pages ask for the pictures that are looked at."""
    entries = [{**entry, "resource": _bare(entry["resource"])} for entry in case["entry"]]
    return {**case, "entry": entries}


def _bare(resource: Json) -> Json:
    if resource["resourceType"] != "Media":
        return resource
    content = {name: value for name, value in resource["content"].items() if name != "data"}
    return {**resource, "content": content}


async def _found(request: web.Request) -> Referral:
    held = partnership(request).referrals
    return await held.find(number_of(request, "id"), await sight(request), user(request).name)


async def _study(request: web.Request, speaker: Speaker, told: Json, most: int) -> Study:
    """Frames spread evenly over all series."""
    client, uid, frames = imaging(request).client, told["study"], list[str]()
    for series in told["series"]:
        path = f"studies/{uid}/series/{series['series']}"
        images = (await client.json(speaker, "GET", f"/quick/{path}"))["images"]
        for image in images:
            at = f"/dicom-web/{path}/instances/{image['instance']}/frames"
            frames += [f"{at}/{frame + 1}/rendered" for frame in range(image["frames"])]
    jpegs = [
        await client.read(speaker, "GET", frames[place], params=_LOOK, headers={"Accept": JPEG})
        for place in chosen(len(frames), most)
    ]
    date = told["date"] or ""
    day = f"{date[:4]}-{date[4:6]}-{date[6:8]}" if len(date) == 8 and date.isdecimal() else ""
    modality = next(iter(told["modalities"]), "")
    return Study(uid, modality, told["description"] or "", day, len(frames), jpegs)
