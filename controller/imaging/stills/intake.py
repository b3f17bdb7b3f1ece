"""POST /stills and /snapshots, for the controller alone, and POST /imports, for people: multipart/form-data,
`about` (JSON), then `file`. The answer says what became of it: {"outcome", "study", "series", "instance",
"patient_id", "reason", "message"}, outcome as controller/imaging/archive/verdicts.py.

What is there already is not made anew: the same file of the same patient is one instance, however often it
comes.
"""

import asyncio
import hashlib
import json
from typing import Any

from aiohttp import BodyPartReader, MultipartReader, web

from controller.imaging.archive import reconciliation
from controller.imaging.archive.rewriting import Patient
from controller.imaging.archive.verdicts import Outcome, Verdict
from controller.imaging.errors import BadQuery, NoSuchImage
from controller.imaging.parts import actor, parts, saw, sight
from controller.imaging.routes import Way
from controller.imaging.sight import WHOLE
from controller.imaging.stills.about import (
    CONSENT,
    LARGEST,
    PDF,
    Import,
    person_name,
    read_import,
    read_known,
    read_snapshot,
    read_still,
)
from controller.imaging.stills.imported import Added, make_import, names_of
from controller.imaging.stills.picture import read_picture
from controller.imaging.stills.snapshot import make_snapshot
from controller.imaging.stills.snapshot import names_of as names_of_snapshot
from controller.imaging.stills.still import instance_of, make_still, study_of
from controller.security.permissions import Permission

_ABOUT = 16 * 1024


class Intake:
    """The handlers. One picture is decoded at a time: one processor is left for everything else."""

    def __init__(self) -> None:
        self._decoding = asyncio.Semaphore(1)

    async def still(self, request: web.Request) -> web.StreamResponse:
        """POST /stills: a crew's picture."""
        about, data = await _form(request)
        still = read_still(about)
        study, instance = study_of(still.gateway, still.stay), instance_of(still, data)
        if known := await _known(request, study, instance):
            return known
        async with self._decoding:
            picture = await read_picture(data, still.media)
        content = await asyncio.to_thread(make_still, still, data, picture)
        return await _kept(request, f"gateway:{still.gateway}", content)

    async def snapshot(self, request: web.Request) -> web.StreamResponse:
        """POST /snapshots: a picture that staff kept out of a visit by video."""
        about, data = await _form(request)
        one = read_snapshot(about)
        study, _, instance = names_of_snapshot(one, data)
        if known := await _known(request, study, instance):
            return known
        async with self._decoding:
            picture = await read_picture(data, "image/jpeg")
        content = await asyncio.to_thread(make_snapshot, one, data, picture)
        return await _kept(request, f"visit:{actor(request)}", content)

    async def know(self, request: web.Request) -> web.StreamResponse:
        """POST /stills/patient: whose a stay's pictures are. Those that a person has moved since stay there.

        The answer says how many were moved. Raises CannotSettle, CannotRead.
        """
        try:
            told = json.loads(await request.read())
        except ValueError as error:
            raise BadQuery(f"expected JSON: {error}") from error
        known = read_known(told)
        archive, study = parts(request).archive, study_of(known.gateway, known.stay)
        is_so = (await archive.find(WHOLE, study))[0].patient_id == known.was
        patient = Patient(known.patient_id, person_name(known.patient_name))
        why = "the patient on board was identified"
        by = f"gateway:{known.gateway}"
        moved = await reconciliation.move(archive, study, patient, by, why) if is_so else 0
        return web.json_response({"study": study, "moved": moved})

    async def add(self, request: web.Request) -> web.StreamResponse:
        """POST /imports: what somebody adds. Raises NoSuchImage: to nobody whom they may not see."""
        about, data = await _form(request)
        one = read_import(about)
        _check_seen(request, one)
        study, _, instance = names_of(one, data)
        known, picture = await _known(request, study, instance), None
        if known is None and one.media != PDF:
            async with self._decoding:
                picture = await read_picture(data, one.media)
        added = Added(actor(request), parts(request).clock.utc_us())
        content = b"" if known else await asyncio.to_thread(make_import, one, data, picture, added)
        await saw(request, [one.patient_id], f"study/{study}", "images-add-consented")
        return known or await _kept(request, f"import:{added.by}", content)

    def inside(self) -> tuple[Way, ...]:
        """The ways in for our own processes: the controller passes on what people add on its pages."""
        return (
            *self.outside(),
            Way("POST", "/stills", "images-still", self.still, Permission.ADD_IMAGES),
            Way("POST", "/snapshots", "images-snapshot", self.snapshot, Permission.ADD_IMAGES),
            Way("POST", "/stills/patient", "images-still-patient", self.know, Permission.ADD_IMAGES),
        )

    def outside(self) -> tuple[Way, ...]:
        """The ways in for people."""
        return (
            Way("POST", "/imports", "images-add", self.add, Permission.ADD_IMAGES),
            Way("GET", "/imports/consent", "images-consent", consent, Permission.ADD_IMAGES),
        )


async def consent(_request: web.Request) -> web.StreamResponse:
    """GET /imports/consent: the statement that is to be agreed to, by language."""
    return web.json_response(CONSENT)


def _check_seen(request: web.Request, one: Import) -> None:
    """Raises NoSuchImage: who asks sees no image of that patient, whether there is one or not."""
    if not sight(request).shows(one.patient_id, ""):
        raise NoSuchImage("expected a patient whom you may see, there is none of that identifier")


async def _known(request: web.Request, study: str, instance: str) -> web.StreamResponse | None:
    try:
        [stored] = await parts(request).archive.find(WHOLE, study, None, instance)
    except NoSuchImage:
        return None
    names = stored.sop_class, stored.instance, stored.study, stored.series, stored.patient_id
    return _answer(Verdict(Outcome.ALREADY, *names))


async def _kept(request: web.Request, by: str, content: bytes) -> web.StreamResponse:
    """Into the archive. Raises ArchiveFull, StoreError."""
    async with parts(request).archive.begin(by) as batch:
        incoming = batch.part()
        incoming.write(content)
        await batch.take(incoming)
        [verdict] = await batch.commit()
    return _answer(verdict)


def _answer(verdict: Verdict) -> web.StreamResponse:
    told = {"outcome": str(verdict.outcome), "study": verdict.study, "instance": verdict.sop_instance}
    told |= {
        "series": verdict.series,
        "patient_id": verdict.patient_id,
        "reason": verdict.reason,
        "message": verdict.message,
    }
    return web.json_response(told)


async def _form(request: web.Request) -> tuple[Any, bytes]:
    """What is said of the file, and its bytes. Raises BadQuery."""
    if request.content_type != "multipart/form-data":
        raise BadQuery(f"expected multipart/form-data, got {request.content_type:.60}")
    try:
        reader = await request.multipart()
        about = await _part(reader, "about", _ABOUT)
        data = await _part(reader, "file", LARGEST)
        told = json.loads(about)
    except ValueError as error:
        raise BadQuery(f"expected a form of about, which is JSON, and file: {error}") from error
    if (digest := request.headers.get("Wardlink-Digest")) and digest != hashlib.sha256(data).hexdigest():
        raise BadQuery("the file is not the one whose digest was told: send it again")
    return told, data


async def _part(reader: MultipartReader, name: str, most: int) -> bytes:
    part = await reader.next()
    if not isinstance(part, BodyPartReader) or part.name != name:
        raise BadQuery(f"expected the part {name!r} there, got {getattr(part, 'name', None)!r:.40}")
    data = bytearray()
    while chunk := await part.read_chunk(65_536):
        data += chunk
        if len(data) > most:
            raise BadQuery(f"{name}: expected at most {most} bytes")
    return bytes(data)
