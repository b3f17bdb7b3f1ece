"""Recordings over HTTP, for who may look at them: a list, what there is of one, its stretches, and its end.

A stretch is opened here and not in the page: the key leaves the controller for the page that records alone,
what was altered is not played, and a player needs nothing but an address.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import user
from controller.api.events import abort
from controller.api.patients import own_sight, sight
from controller.api.prescriptions_shown import by, now_ms, number_in
from controller.api.recordings import erased
from controller.api.recordings_context import recorded
from controller.api.recordings_schemas import RecordingErasureAnswerBody, RecordingWhyBody
from controller.api.visits_context import telemedicine
from controller.errors import Conflict, StoreError
from controller.imaging.sight import Sight
from controller.security.gate import Refused
from controller.security.permissions import Permission
from controller.telemedicine.recordings.endings import settle
from controller.telemedicine.recordings.erasures import Answer, Erasure, ErasureState, newest
from controller.telemedicine.recordings.film import Film
from controller.telemedicine.recordings.model import Recording, Run
from controller.telemedicine.recordings.states import LIVE, RecordingState
from controller.telemedicine.rooms.seat import Json

MEDIA = "video/webm"
_log = logging.getLogger(__name__)
_VIEW = ("number", "by", "state", "asked_ms", "stopped_ms", "why", "erase_ms", "erased_ms")


@dataclass(frozen=True, slots=True)
class Meeting:
    """Of whose recordings somebody asks."""

    number: str
    patients: frozenset[str]
    """Whom it was about, as far as who asks may know it."""
    may_erase: bool
    may_answer: bool
    """Whether a demand waits for this one, too."""

    @property
    def patient(self) -> str | None:
        """The one whom it was about, if it was about one."""
        return next(iter(self.patients)) if len(self.patients) == 1 else None


Find = Callable[[web.Request], Awaitable[Meeting]]
"""Raises NotFound: there is none for who asks."""


@dataclass(frozen=True, slots=True)
class Watching:
    """The handlers for recordings of the meetings that `find` finds; `find_own`: for who may change them."""

    find: Find
    find_own: Find

    async def recordings(self, request: web.Request) -> web.StreamResponse:
        """GET …/recordings."""
        meeting = await self.find(request)
        books = recorded(request).recordings.books
        found, began = await books.of(meeting.number), await books.began(meeting.number)
        shown = [_view(one, began=one.number in began) for one in found]
        return answer({**_whose(request, meeting), "recordings": shown})

    async def recording(self, request: web.Request) -> web.StreamResponse:
        """GET …/recordings/{recording}."""
        meeting, one = await self._one(request)
        held, books = recorded(request), recorded(request).recordings.books
        said, runs = await books.said(one), await books.runs(one)
        shown: Json = {"stretches": [], "gaps": [], "is_cut": False}
        begins: Mapping[int, int] = {}
        if one.state is not RecordingState.ERASED:
            found = await held.shelf.look(one)
            spans = [(each.run, *each.span) for each in found.stretches]
            stretches = [{"run": run, "from_ms": begin, "to_ms": end} for run, begin, end in spans]
            gaps, begins = [asdict(gap) for gap in found.gaps], found.begins
            shown = {"stretches": stretches, "gaps": gaps, "is_cut": found.is_cut}
        told = {"said": [asdict(each) for each in said], "runs": [_run(each, begins) for each in runs]}
        if len(meeting.patients) > 1:
            await record_access(request, meeting.patients, f"recording/{one.number}")
        erasure = await newest(books, one)
        demand: Json = {"erasure": erasure and _erasure(erasure)}
        may, view = _may(request, one, meeting, erasure), _view(one, began=bool(runs))
        return answer({**_whose(request, meeting), "recording": view, **told, **shown, **demand, "may": may})

    async def film(self, request: web.Request) -> web.StreamResponse:
        """GET …/recordings/{recording}/stretches/{id}: whole, or a range (RFC 9110, 14)."""
        meeting, one = await self._one(request)
        found = await recorded(request).shelf.film(one, number_in(request, "stretch"))
        part = _asked(request, found.size)
        await record_access(request, meeting.patients, f"recording/{one.number}")
        return await _send(request, found, part)

    async def export(self, request: web.Request) -> web.StreamResponse:
        """POST …/stretches/{id}/export: a file to take away, with the reason in the trail."""
        body, (meeting, one) = await read_body(request, RecordingWhyBody), await self._one(request)
        index = number_in(request, "stretch")
        found = await recorded(request).shelf.film(one, index)
        await recorded(request).recordings.note_export(one, index, by(request, body.why))
        await record_access(request, meeting.patients, f"recording/{one.number}")
        name = f"{meeting.number}-{one.number}-{index + 1}.webm"
        told = {"Content-Disposition": f'attachment; filename="{name}"'}
        return await _send(request, found, range(found.size), told)

    async def erase(self, request: web.Request) -> web.StreamResponse:
        """POST …/{recording}/erasure: what is demanded, written down by who heard it."""
        body, meeting = await read_body(request, RecordingWhyBody), await self.find_own(request)
        books = recorded(request).recordings.books
        one = await books.find(request.match_info["recording"], meeting.number)
        return answer(await erased(request, one, body.why))

    async def settle(self, request: web.Request) -> web.StreamResponse:
        """PUT …/{recording}/erasure: the answer to a demand, where the hospital has to keep it."""
        body, meeting = await read_body(request, RecordingErasureAnswerBody), await self.find_own(request)
        if not meeting.may_answer:
            raise Refused(403, "not-allowed", "expected a physician, or who leads the conference: ask them")
        held = recorded(request).recordings
        one = await held.books.find(request.match_info["recording"], meeting.number)
        said = Answer(one.number, ErasureState(body.state), body.why)
        await settle(held.books, held.vault, said, by(request))
        return web.Response(status=204)

    async def _one(self, request: web.Request) -> tuple[Meeting, Recording]:
        meeting = await self.find(request)
        books = recorded(request).recordings.books
        return meeting, await books.find(request.match_info["recording"], meeting.number)


async def _visit(request: web.Request) -> Meeting:
    return await _visit_in(request, await sight(request))


async def _own_visit(request: web.Request) -> Meeting:
    """The broken glass lets one look, not change."""
    return await _visit_in(request, await own_sight(request))


async def _visit_in(request: web.Request, seen: Sight) -> Meeting:
    number, who = request.match_info["visit"], user(request)
    visit = await telemedicine(request).books.find(number, seen, who.name)
    ways = [one in who.permissions for one in (Permission.HOLD_VISITS, Permission.SIGN_VISITS)]
    return Meeting(visit.number, frozenset({visit.identifier}), *ways)


WATCHING = Watching(_visit, _own_visit)
"""Of visits."""


async def _send(
    request: web.Request, found: Film, part: range, more: dict[str, str] | None = None
) -> web.StreamResponse:
    is_part = len(part) != found.size
    response = web.StreamResponse(status=206 if is_part else 200, headers=more)
    response.content_type, response.content_length = MEDIA, len(part)
    response.headers["Accept-Ranges"] = "bytes"
    if is_part:
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{found.size}"
    await response.prepare(request)
    try:
        async for piece in recorded(request).shelf.read(found, part.start, part.stop):
            await response.write(piece)
        await response.write_eof()
    except (Conflict, StoreError) as error:  # it changed while it was played: the rest is not sent
        _log.warning("a recording is not played to its end: %s", error)
        abort(request)
    except ConnectionError:
        _log.debug("%s went away", request.remote)
    return response


def _asked(request: web.Request, size: int) -> range:
    try:
        wanted = request.http_range
    except ValueError:
        raise BadRequest("expected one range of bytes, got something else: see RFC 9110, 14.2") from None
    part = range(size)[wanted]
    return part if len(part) else range(size)


def _whose(request: web.Request, meeting: Meeting) -> Json:
    return {"patient": meeting.patient, "server_ms": now_ms(request)}


def _view(one: Recording, *, began: bool) -> Json:
    return {**{name: getattr(one, name) for name in _VIEW}, "began": began}


def _run(run: Run, begins: Mapping[int, int]) -> Json:
    return {"n": run.n, "from_ms": run.from_ms + begins.get(run.n, 0), "to_ms": run.to_ms}


def _erasure(one: Erasure) -> Json:
    return {name: value for name, value in asdict(one).items() if name != "id"}


def _may(request: web.Request, one: Recording, meeting: Meeting, erasure: Erasure | None) -> list[str]:
    has, is_there = user(request).permissions, one.state not in LIVE | {RecordingState.ERASED}
    waits = erasure is not None and erasure.state is ErasureState.REQUESTED
    ways = (
        ("export", Permission.EXPORT_RECORDINGS in has),
        ("erase", meeting.may_erase),
        ("settle", meeting.may_answer and waits),
    )
    return [name for name, may in ways if may and is_there]
