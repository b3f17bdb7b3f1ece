"""STOW-RS: instances are taken in, all of a request together (PS3.18, 10.5)."""

from aiohttp import web

from controller.api.answers import refusal
from controller.imaging.archive.archive import Batch, Verdict
from controller.imaging.archive.incoming import Incoming
from controller.imaging.archive.uids import checked
from controller.imaging.archive.verdicts import NOT_AUTHORIZED
from controller.imaging.dicomweb.asked import base, json_answer, json_type
from controller.imaging.dicomweb.media import DICOM
from controller.imaging.dicomweb.multipart import END, Head, Splitter, boundary_of
from controller.imaging.dicomweb.stored_answer import answer_of, status_of
from controller.imaging.errors import BadMultipart
from controller.imaging.parts import actor, parts, refused, saw, sight
from controller.imaging.sight import WHOLE

_TAKEN = frozenset({"", DICOM})
_LONGEST = 64
"""Characters of a UID and of a patient's identifier: what was refused may have longer ones."""


async def store(request: web.Request) -> web.StreamResponse:
    """POST /studies and /studies/{study}: multipart/related of application/dicom, or one instance alone.

    The answer says of each instance what became of it. A body that is cut, or is no multipart, leaves nothing
    behind. Raises BadUid, BadMultipart, NotAcceptable, ArchiveFull, StoreError.
    """
    study = request.match_info.get("study")
    if study is not None:
        checked(study, "study")
    kind = json_type(request)
    async with _begun(request) as batch:
        other = await _read(request, batch, study)
        if other:
            message = (
                f"expected multipart/related; type={DICOM!r} with instances of DICOM, got {other[:80]!r}"
            )
            return refusal(415, "unsupported-media-type", message)
        verdicts = await batch.commit()
    await _record(request, verdicts)
    answer = answer_of(verdicts, base(request))
    return json_answer(answer, status=status_of(verdicts), kind=kind)


def _begun(request: web.Request) -> Batch:
    """A person stores for those whom the person may see; a program, whose name has a colon, for anybody."""
    by, archive = actor(request), parts(request).archive
    return archive.begin(by, WHOLE) if ":" in by else archive.begin(f"dicomweb:{by}", sight(request))


async def _read(request: web.Request, batch: Batch, study: str | None) -> str:
    """Everything that comes, into `batch`. Gives the media type that is not taken here, if there is one.

    Raises BadMultipart, and what `Batch.take` raises.
    """
    content_type = request.headers.get("Content-Type", "")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        return (
            f"Content-Encoding: {request.headers['Content-Encoding']}"  # a small body must not become a flood
        )
    if request.content_type == DICOM:
        incoming = batch.part()
        async for chunk in request.content.iter_any():
            incoming.write(chunk)
        await batch.take(incoming, study)
        return ""
    if request.content_type != "multipart/related":
        return content_type or "no Content-Type"
    boundary, root = boundary_of(content_type)
    return root if root not in _TAKEN else await _parts(request, batch, study, Splitter(boundary))


async def _parts(request: web.Request, batch: Batch, study: str | None, splitter: Splitter) -> str:
    incoming: Incoming | None = None
    taken = 0
    async for chunk in request.content.iter_any():
        for event in splitter.feed(chunk):
            if isinstance(event, Head):
                if event.media_type not in _TAKEN:
                    return event.media_type
                incoming = batch.part()
            elif incoming is None:
                continue
            elif event is END:
                await batch.take(incoming, study)
                incoming, taken = None, taken + 1
            elif isinstance(event, bytes):
                incoming.write(event)
    splitter.close()
    if not taken:
        raise BadMultipart("expected at least one part with an instance, there is none")
    return ""


async def _record(request: web.Request, verdicts: list[Verdict]) -> None:
    """In the audit trail: whose was refused, and which studies were added to. A series that comes slice by
    slice is one entry a minute; who sent which instance when is in the index (instance.added_by)."""
    patients, unseen = dict[str, set[str]](), dict[str, set[str]]()
    for verdict in verdicts:
        if verdict.outcome.success:
            patients.setdefault(verdict.study, set()).add(verdict.patient_id)
        elif verdict.code == NOT_AUTHORIZED:
            unseen.setdefault(verdict.study[:_LONGEST], set()).add(verdict.patient_id[:_LONGEST])
    for study, of_study in unseen.items():
        await refused(request, "not-authorized", f"study/{study}/stored", of_study)
    for study, of_study in patients.items():
        await saw(request, of_study, f"study/{study}/stored")
