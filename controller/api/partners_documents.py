"""What was signed of a patient before, to go along with a referral: summaries of visits by video, and what
conferences concluded, as FHIR R4 DocumentReferences, each with the whole document that was signed.

Nothing goes that was not chosen, and nothing without a consent that speaks of it (partners/consents.py).
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from controller.api.answers import answer
from controller.api.auditing import record_access
from controller.api.conferences_context import service as conferences
from controller.api.context import context, user
from controller.api.patients import own_sight
from controller.api.visit_notes_context import written
from controller.api.visits_context import telemedicine
from controller.conferences.fhir import document_references
from controller.errors import Conflict, NotFound
from controller.telemedicine.fhir import document_reference

Json = dict[str, Any]
LARGEST = 600_000
"""Characters of base64 of all that goes along: a message has 4 MiB, most of which is of pictures."""


async def choices(request: web.Request) -> web.StreamResponse:
    """GET /api/referral-documents: what can go along. Raises NotFound."""
    patient = request.query.get("patient", "")
    await context(request).patients.find(patient, await own_sight(request))
    shown = [_choice(one) for one in await _signed(request, patient)]
    await record_access(request, {patient} if shown else ())
    return answer({"patient": patient, "documents": shown})


async def documents(request: web.Request, patient: str, chosen: Sequence[str]) -> tuple[Json, ...]:
    """Those of this patient, whom who asks sees. Raises NotFound; Conflict: they are too large."""
    if not chosen:
        return ()
    known = {_name(one): one for one in await _signed(request, patient)}
    if unknown := [name for name in chosen if name not in known]:
        raise NotFound(f"the patient has no signed document {unknown[0]!r:.80}: choose another")
    found = tuple(known[name] for name in dict.fromkeys(chosen))
    if sum(len(_attached(one)["data"]) for one in found) > LARGEST:
        raise Conflict("these documents are too large for one referral: choose fewer")
    return found


async def _signed(request: web.Request, patient: str) -> list[Json]:
    """Of each visit the newest summary that is signed, and each signed conclusion; the latest first."""
    visits = await telemedicine(request).books.of(patient, await own_sight(request), user(request).name)
    held = {one.number: one for one in visits}
    summaries = await written(request).summaries.of_patient(patient)
    made = [
        document_reference(one, held[number]) for one in summaries if (number := one.summary.number) in held
    ]
    concluded = await conferences(request).record.of(patient)
    made += [reference for one in concluded for reference in document_references(one)]
    return sorted(made, key=lambda one: str(one["date"]), reverse=True)


def _choice(one: Json) -> Json:
    by = [author.get("display", "") for author in one.get("author", ())]
    title = ": ".join(filter(None, (_attached(one)["title"], one.get("description", ""))))
    return {"id": _name(one), "title": title, "date": one["date"], "by": [who for who in by if who]}


def _name(one: Json) -> str:
    return str(one["identifier"][0]["value"])


def _attached(one: Json) -> Json:
    return one["content"][0]["attachment"]
