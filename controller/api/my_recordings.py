"""Recordings on a patient's own page: which there are, until when they are kept, who watched; erasing one.

A recording of a visit is carried by the patient's consent alone, and erased at once if the hospital has not
said that it has to keep it. In one of a conference others are seen and heard: there its chair answers.
"""

from dataclasses import asdict, replace
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.conferences_context import service as conferences
from controller.api.context import context
from controller.api.my_context import me
from controller.api.prescriptions_shown import by
from controller.api.recordings import erased
from controller.api.recordings_context import recorded
from controller.api.visits_context import telemedicine
from controller.audit.search import Question, found
from controller.errors import NotFound
from controller.patient_access.looks import Look, looks_of
from controller.security.users import accounts_of
from controller.telemedicine.recordings.endings import demand
from controller.telemedicine.recordings.erasures import Erasure, ErasureState, newest
from controller.telemedicine.recordings.model import Recording
from controller.telemedicine.recordings.states import LIVE, RecordingState
from controller.telemedicine.rooms.meeting import OF_VISITS, letters

MOST = 2000
"""Looks of one kind that are gone through."""
_WATCHED = tuple(f"{of}-recording-{what}" for of in ("visit", "conference") for what in ("play", "export"))
_KEPT = ("number", "room", "by", "state")
_TIMES = ("asked_ms", "erase_ms", "erased_ms")
Json = dict[str, Any]


async def recordings(request: web.Request) -> web.StreamResponse:
    """GET /api/my/recordings."""
    return await _listed(request)


async def erase(request: web.Request) -> web.StreamResponse:
    """POST /api/my/recordings/{recording}/erasure."""
    held, number = recorded(request).recordings, request.match_info["recording"]
    one = next((each for each in await _own(request) if each.number == number), None)
    if one is None:
        raise NotFound(f"there is no recording {number!r:.40} of you: look again")
    if letters(one.room) == OF_VISITS:
        await erased(request, one, "the patient demands it")
    else:
        rule = replace(held.rule, erases_on_demand=False)
        await demand(held.books, held.vault, rule, number, by(request, "a patient demands it"))
    return await _listed(request)


async def _listed(request: web.Request) -> web.Response:
    """MyRecordings."""
    held, found_ = recorded(request).recordings, await _own(request)
    looks = await _looks(request, found_)
    people = await accounts_of(context(request).store, {one.name for each in looks.values() for one in each})
    roles = {name: sorted(account.user.roles) for name, account in people.items()}
    told = list[Json]()
    for one in found_:
        seen = [{**asdict(look), "roles": roles.get(look.name, [])} for look in looks[one.number]]
        told.append({**_shown(request, one, await newest(held.books, one)), "watched": seen})
    rule = {"days": held.rule.days, "is_at_once": held.rule.erases_on_demand}
    return answer({"patient": me(request).identifier, **rule, "recordings": told})


async def _own(request: web.Request) -> list[Recording]:
    """Of the patient's visits, and of conferences whose experts they let see their case; the latest first."""
    whose, books = me(request), recorded(request).recordings.books
    visits = [one.number for one in await telemedicine(request).books.of(whose.identifier, whose.sight)]
    shared = await conferences(request).sharing.of(whose.identifier)
    boards = {one.what.removeprefix("conference/") for one in shared if one.what.startswith("conference/")}
    found_ = [one for room in (*visits, *sorted(boards)) for one in await books.of(room)]
    return sorted(found_, key=lambda one: one.asked_ms, reverse=True)


async def _looks(request: web.Request, those: list[Recording]) -> dict[str, list[Look]]:
    """Who watched, by recording, from the audit trail."""
    clock, whose = context(request).clock, me(request).identifier
    begin_us = _utc_ms(request, min((one.asked_ms for one in those), default=0)) * 1000
    asked = [Question(begin_us, clock.utc_us(), whose, action=one, limit=MOST) for one in _WATCHED]
    entries = list[Json]()
    for question in asked if those else []:
        entries += await context(request).auditor.beside.read(lambda db, one=question: list(found(db, one)))
    entries.sort(key=lambda one: one["number"], reverse=True)
    return {
        one.number: looks_of([each for each in entries if each["entity"] == f"recording/{one.number}"])
        for one in those
    }


def _shown(request: web.Request, one: Recording, erasure: Erasure | None) -> Json:
    """A MyRecording, without who watched."""
    of_visit = letters(one.room) == OF_VISITS
    waits = erasure is not None and erasure.state is ErasureState.REQUESTED
    is_there = one.state is not RecordingState.ERASED and (of_visit or one.state not in LIVE)
    times = {name: getattr(one, name) for name in _TIMES}
    return {
        **{name: getattr(one, name) for name in _KEPT},
        **{name: at_ms and _utc_ms(request, at_ms) for name, at_ms in times.items()},
        "of_visit": of_visit,
        "may_erase": is_there and not waits,
        "erasure": erasure and _erasure(request, erasure),
    }


def _erasure(request: web.Request, one: Erasure) -> Json:
    told = {"answer": one.answer, "answered_by": one.answered_by}
    return {"state": one.state, "at_ms": _utc_ms(request, one.at_ms), **told}


def _utc_ms(request: web.Request, at_ms: int) -> int:
    """Of the controller's time scale."""
    clock = context(request).clock
    return at_ms + (clock.utc_us() - clock.now_us()) // 1000
