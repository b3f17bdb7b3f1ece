"""Research projects over HTTP: proposed, decided by a second person, closed; what patients say of it."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.patients import own_sight
from controller.api.prescriptions_shown import by
from controller.api.research_schemas import ResearchBody, ResearchConsentBody, ResearchStateBody
from controller.conferences.books import Books
from controller.conferences.sharing import Said, Shared, Sharing
from controller.errors import OrderError
from controller.lake.research.projects import RESEARCH, WORDS, Project, Projects, Proposed
from controller.lake.research.states import ProjectState
from devices.errors import UnknownMetric
from devices.model.metrics import METRICS, by_name

_DONE = 204


async def projects(request: web.Request) -> web.StreamResponse:
    """GET /api/research."""
    held = _projects(request)
    shown = [await _shown(held, one) for one in await held.all()]
    metrics = [(one.name, one.unit) for one in METRICS.values() if one.is_of_patient and not one.is_waveform]
    return answer({"now_utc_ms": held.utc_ms(), "metrics": metrics, "projects": shown})


async def propose(request: web.Request) -> web.StreamResponse:
    """POST /api/research."""
    told = (await read_body(request, ResearchBody)).model_dump()
    told["metrics"] = tuple(_metric(one) for one in told["metrics"])
    held = _projects(request)
    return answer(await _shown(held, await held.propose(Proposed(**told), by(request))))


async def close(request: web.Request) -> web.StreamResponse:
    """DELETE /api/research/{number}: by those who propose."""
    await _projects(request).decide(request.match_info["number"], ProjectState.CLOSED, by(request))
    return web.Response(status=_DONE)


async def decide(request: web.Request) -> web.StreamResponse:
    """PUT /api/research/{number}/state: by somebody else than who proposed it."""
    body, held = await read_body(request, ResearchStateBody), _projects(request)
    number, state = request.match_info["number"], ProjectState(body.state)
    return answer(await _shown(held, await held.decide(number, state, by(request, body.why))))


async def consent(request: web.Request) -> web.StreamResponse:
    """POST /api/research/consents: what a patient of one's own wards says."""
    body, parts = await read_body(request, ResearchConsentBody), context(request)
    who = await parts.patients.find(body.patient, await own_sight(request))
    what = RESEARCH
    if body.project:
        what = f"{RESEARCH}/{(await _projects(request).find(body.project)).number}"
    sharing, said = Sharing(Books(parts.store, parts.clock)), Said(body.said, body.language)
    await sharing.say(Shared(who.identifier, what), said, by(request), words=WORDS)
    return web.Response(status=_DONE)


def _projects(request: web.Request) -> Projects:
    return Projects(context(request).store, context(request).clock)


def _metric(name: str) -> str:
    try:
        return by_name(name).name
    except UnknownMetric as error:
        raise OrderError(str(error)) from None


async def _shown(held: Projects, project: Project) -> dict[str, Any]:
    """A ResearchView."""
    names = "number", "state", "proposed_by", "proposed_utc_ms", "decided_by", "decided_utc_ms", "why"
    told = {name: getattr(project, name) for name in (*names, "closed_by", "closed_utc_ms")}
    releases = [asdict(one) for one in await held.releases(project)]
    return {**asdict(project.proposed), **told, "holds": project.holds(held.utc_ms()), "releases": releases}
