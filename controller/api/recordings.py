"""Recordings over HTTP, for who sits in the room: asked for, agreed to, sent by the page that records."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import user
from controller.api.prescriptions_shown import by, number_in
from controller.api.recordings_context import recorded
from controller.api.recordings_schemas import (
    RecordingAskBody,
    RecordingBeginBody,
    RecordingErasureBody,
    RecordingKeepBody,
    RecordingSaidBody,
)
from controller.api.rooms import Comer, Find
from controller.api.visit_rooms import comer, visit_of
from controller.api.visits import until
from controller.api.visits_context import telemedicine
from controller.security.gate import Refused
from controller.security.permissions import Permission
from controller.telemedicine.consents import Said
from controller.telemedicine.model import Language
from controller.telemedicine.recordings.chunks import LARGEST, Sent
from controller.telemedicine.recordings.endings import demand
from controller.telemedicine.recordings.model import Recording
from controller.telemedicine.recordings.seal import Place
from controller.telemedicine.recordings.service import Words
from controller.telemedicine.recordings.states import RecordingState
from controller.telemedicine.recordings.words import WORDS, words
from controller.telemedicine.rooms.seat import Json, Seat
from controller.telemedicine.words import CONSENTS

SEALED = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class RecordingWays:
    """The handlers for rooms whose comers `find` finds; `texts`: what they agree to, but for a patient."""

    find: Find
    texts: Mapping[Language, str]
    records: Permission
    """What it takes to record there."""
    of_visits: bool = False

    async def asked(self, request: web.Request) -> web.StreamResponse:
        """GET …/room/recording."""
        held, who = recorded(request).recordings, await self.find(request)
        live, patient = held.live(who.number), who.party.part == "patient"
        shown = CONSENTS["recording"] if patient else words(held.rule.days, self.texts)
        mine = await held.books.of(who.number) if patient else []
        is_aloud = self.of_visits and who.party.part == "staff"
        aloud = dict(CONSENTS["recording"]) if is_aloud else None
        told = {"recording": live and live.recording.number, "words": dict(shown), "aloud": aloud}
        holds = live is not None and live.has_agreed(who.party.actor, held.books.now_ms())
        kept = [one.number for one in mine if one.state is not RecordingState.ERASED]
        may = self.records in user(request).permissions
        return answer({**told, "holds": holds, "may_record": may, "mine": kept})

    async def ask(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/recordings."""
        body, held = await read_body(request, RecordingAskBody), recorded(request)
        who = await self.find(request)
        seat = _seat(request, who, body.seat)
        text = words(held.recordings.rule.days, self.texts)[body.language]
        said = Words("permit", body.language, text)
        made = await held.recordings.ask(who.number, seat, body.media, said, by(request))
        return answer({"recording": made.number})

    async def say(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/recording/said."""
        body, held = await read_body(request, RecordingSaidBody), recorded(request)
        who = await self.find(request)
        _seat(request, who, body.seat)
        if who.party.part == "patient":
            visit, rooms = await visit_of(request), telemedicine(request)
            said = Said("recording", body.said, body.language)
            await rooms.consents.say(visit, said, until(rooms, visit), by(request))
        else:
            text = words(held.recordings.rule.days, self.texts)[body.language]
            spoken = Words(body.said, body.language, text)
            await held.recordings.say(who.number, body.recording, spoken, who.party, by(request))
        return web.Response(status=204)

    async def begin(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/recordings/{recording}/runs."""
        body, held = await read_body(request, RecordingBeginBody), recorded(request)
        who = await self.find(request)
        number, seat = request.match_info["recording"], _seat(request, who, body.seat)
        made = await held.recordings.begin(who.number, number, seat, by(request))
        key = base64.b64encode(made.key).decode("ascii")
        return answer({"run": made.run, "key": key, "next": made.next, "before": made.before.hex()})

    async def chunk(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/recordings/{recording}/chunks/{n}."""
        recording = await self._found(request)
        place, seat = _place(request, recording.number)
        sent = Sent(place, seat, await _box(request))
        return answer({"heard": await recorded(request).chunks.take(recording, sent, by(request))})

    async def stop(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/recordings/{recording}/stop."""
        recording = await self._found(request)
        await recorded(request).recordings.stop(recording.room, recording.number, by(request))
        return web.Response(status=204)

    async def keep(self, request: web.Request) -> web.StreamResponse:
        """POST …/room/recordings/{recording}/kept."""
        body, recording = await read_body(request, RecordingKeepBody), await self._found(request)
        if recording.by != by(request).actor:
            raise Refused(
                403, "not-allowed", f"recording {recording.number} is {recording.by}'s: that page closes it"
            )
        await recorded(request).recordings.keep(recording, body.chunks, by(request))
        return web.Response(status=204)

    async def _found(self, request: web.Request) -> Recording:
        books, who = recorded(request).recordings.books, await self.find(request)
        return await books.find(request.match_info["recording"], who.number)


WAYS = RecordingWays(comer, WORDS, Permission.HOLD_VISITS, of_visits=True)
"""Of visits: staff, the patient and guests."""


async def demand_erasure(request: web.Request) -> web.StreamResponse:
    """POST /api/visit/room/recording/erasure: the patient's own word."""
    body, who = await read_body(request, RecordingErasureBody), await comer(request)
    if who.party.part != "patient":
        raise Refused(
            403, "not-allowed", "expected the patient, a guest cannot have it erased: ask the patient"
        )
    recording = await recorded(request).recordings.books.find(body.recording, who.number)
    return answer(await erased(request, recording, "the patient demands it"))


async def erased(request: web.Request, recording: Recording, why: str) -> Json:
    """A RecordingErasure; what still runs is stopped first."""
    held, who = recorded(request).recordings, by(request, why)
    live = held.live(recording.room)
    if live is not None and live.recording.number == recording.number:
        await held.stop(recording.room, recording.number, who, "erasure-demanded")
    is_gone = await demand(held.books, held.vault, held.rule, recording.number, who)
    now = await held.books.find(recording.number, recording.room)
    return {"erased": is_gone, "erase_ms": now.erase_ms}


def _seat(request: web.Request, who: Comer, number: int) -> Seat:
    return telemedicine(request).rooms.room(who.number).find(number, who.party.actor)


def _place(request: web.Request, recording: str) -> tuple[Place, int]:
    n = number_in(request, "chunk")
    try:
        run, seat, from_ms, to_ms = (int(request.query[name]) for name in ("run", "seat", "from_ms", "to_ms"))
        before = bytes.fromhex(request.query["before"])
    except (KeyError, ValueError):
        raise BadRequest(
            "expected run, seat, from_ms and to_ms as numbers, before in hexadecimal: see /api/openapi.json"
        ) from None
    return Place(recording, n, run, from_ms, to_ms, before), seat


async def _box(request: web.Request) -> bytes:
    if request.content_type != SEALED:
        raise BadRequest(f"expected Content-Type {SEALED}, got {request.content_type!r:.60}")
    box = bytearray()
    async for part in request.content.iter_any():
        box += part
        if len(box) > LARGEST:
            raise BadRequest(f"expected a chunk of at most {LARGEST} bytes, got more: make it shorter")
    return bytes(box)
