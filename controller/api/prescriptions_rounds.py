"""The medication round of a ward, and what was given on it."""

from aiohttp import web

from controller.api import prescriptions_shown as shown
from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context, user, view
from controller.api.patients import own_sight
from controller.api.prescriptions_rounds_schemas import (
    GivenBody,
    LeftOutBody,
    MistakeBody,
    SeenAfterwardsBody,
)
from controller.api.prescriptions_shown import Json, by, now_ms, service
from controller.api.replaced import replaced, tag
from controller.errors import NotFound
from controller.prescriptions.given import Alone, Given, Giving, Item
from controller.prescriptions.model import Quantity, amount
from controller.prescriptions.people import Proved
from controller.prescriptions.timing import HOUR_MS, Span
from controller.security.badges import Shown
from controller.security.permissions import Permission

BEFORE_MS, AFTER_MS = 4 * HOUR_MS, 4 * HOUR_MS
"""What a round shows, if it is not said."""
LONGEST_MS = 48 * HOUR_MS


async def medication_round(request: web.Request) -> web.StreamResponse:
    """GET /api/rounds."""
    ward, asked = _ward(request), _span(request)
    beds = sorted(context(request).registry.beds.values(), key=lambda one: one.name)
    here = [one for one in beds if one.ward == ward and one.patient]
    told, items = list[Json](), dict[str, list[Item]]()
    for one in await service(request).rounds.of(
        [bed.patient.identifier for bed in here if bed.patient], asked
    ):
        items.setdefault(one.rx.identifier, []).append(one)
    for bed in here:
        if bed.patient is not None:
            due = items.get(bed.patient.identifier, [])
            who = {"identifier": bed.patient.identifier, "name": bed.patient.name}
            told.append({"bed": bed.id, "patient": who, "items": [_item(one) for one in due]})
    when = {"server_ms": now_ms(request), "utc_ms": _utc_ms(request)}
    return answer({**when, "from_ms": asked.from_ms, "to_ms": asked.to_ms, "beds": told})


async def give(request: web.Request) -> web.StreamResponse:
    """POST /api/administrations."""
    body, seen = await read_body(request, GivenBody), await own_sight(request)
    dose = Quantity(amount(body.dose.value), body.dose.unit)
    shows = body.witness and Shown(**body.witness.model_dump())
    alone = body.alone and Alone(body.alone.reason, body.alone.why, Shown(**body.alone.shown.model_dump()))
    scanned = body.wristband, body.drug
    what = Giving(body.prescription, body.due_ms, *scanned, dose, body.after, shows, alone)
    return await _told(request, await service(request).rounds.give(what, seen, by(request, body.why)))


async def leave_out(request: web.Request) -> web.StreamResponse:
    """POST /api/administrations/left-out."""
    body, seen = await read_body(request, LeftOutBody), await own_sight(request)
    who, parts = by(request, body.why), service(request).rounds
    return await _told(request, await parts.leave_out(body.prescription, body.due_ms, seen, who))


async def mistake(request: web.Request) -> web.StreamResponse:
    """PUT /api/administrations/{administration}/error."""
    over, body = replaced(request), await read_body(request, MistakeBody)
    number, seen = request.match_info["administration"], await own_sight(request)
    made = await service(request).rounds.mistake(number, over, seen, by(request, body.why))
    return await _told(request, made)


async def see(request: web.Request) -> web.StreamResponse:
    """PUT /api/administrations/{administration}/seen: by a nurse."""
    return await _see(request, Permission.ADMINISTER)


async def see_in_pharmacy(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/administrations/{administration}/seen."""
    return await _see(request, Permission.DISPENSE)


async def _see(request: web.Request, needs: Permission) -> web.StreamResponse:
    over, body, where = replaced(request), await read_body(request, SeenAfterwardsBody), request.remote or ""
    parts, number = service(request).afterwards, request.match_info["administration"]
    if body.shown is None:
        who = Proved(user(request).name, "login", await own_sight(request))
    else:
        who = await parts.shown(Shown(**body.shown.model_dump()), needs, where)
    return await _told(request, await parts.see(number, over, who, where))


def _item(one: Item) -> Json:
    """A RoundItemView."""
    told = {name: getattr(one, name) for name in ("due_ms", "newest", "wait", "needs_witness")}
    given = one.given and shown.given(one.given)
    return {**told, "prescription": shown.prescription(one.rx), "given": given}


async def _told(request: web.Request, made: Given) -> web.Response:
    service(request).tell(await service(request).books.find_by_id(made.prescription))
    return answer(shown.given(made), headers=tag(made.revision))


def _ward(request: web.Request) -> str:
    """A ward that one sees. Raises NotFound."""
    ward = request.query.get("ward", "")
    if ward not in context(request).registry.wards or not view(request).shows(ward, None):
        raise NotFound(f"there is no ward {ward!r:.80}: see /api/wards for those there are")
    return ward


def _span(request: web.Request) -> Span:
    """From when until when, UTC. Raises BadRequest."""
    now = _utc_ms(request)
    from_ms, to_ms = _moment(request, "from_ms", now - BEFORE_MS), _moment(request, "to_ms", now + AFTER_MS)
    if not 0 < to_ms - from_ms <= LONGEST_MS:
        raise BadRequest(f"expected from_ms before to_ms, at most {LONGEST_MS} apart, got {from_ms}, {to_ms}")
    return Span(from_ms, to_ms)


def _moment(request: web.Request, name: str, otherwise: int) -> int:
    text = request.query.get(name, str(otherwise))
    if not (text.isascii() and text.isdecimal() and len(text) <= 13):
        raise BadRequest(f"expected {name} as ms since 1970, UTC, got {text!r:.40}")
    return int(text)


def _utc_ms(request: web.Request) -> int:
    return context(request).clock.utc_us() // 1000
