"""Orders for imaging and their reports: whoever sees the patient sees them, and those of nobody else."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from controller.api.answers import BadRequest, answer
from controller.api.auditing import record_access
from controller.api.bodies import read_body
from controller.api.context import context, own_bed, user
from controller.api.download import as_file
from controller.api.proof import proved_again
from controller.api.radiology_schemas import OrderBody, OrderStateBody, ReportBody, ScheduleBody
from controller.api.replaced import replaced, tag
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.imaging.speaker import sight_of
from controller.radiology.model import ImagingOrder, Known, Notice, Version, Wanted, Written
from controller.radiology.service import Radiology
from controller.radiology.signing import signed_file
from controller.radiology.states import ORDER_STEPS, REPORT_STEPS, OrderState, ReportState
from controller.security.gate import ACCESS
from controller.signing.canonical import parsed
from controller.steps import possible

ORDERS = "/api/imaging/orders"
PAGE = 200
"""Orders in one answer."""
SIGNED = "application/octet-stream"
"""The media type of a file of which every byte counts."""
_DONE = 204


async def orders(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/orders."""
    state = request.query.get("state", "")
    if state and state not in set(OrderState):
        raise BadRequest(f"expected state as one of {', '.join(OrderState)}, got {state!r:.40}")
    asked, before = {"patient": request.query.get("patient", ""), "state": state}, _before(request)
    listed = _radiology(request).orders.listed
    found = await listed(sight(request), **asked, before=before, most=PAGE + 1)
    page = [shown(one) for one in found[:PAGE]]
    rest = {name: text for name, text in asked.items() if text}
    more = f"{ORDERS}?{urlencode({**rest, 'before': found[PAGE - 1].id})}" if found[PAGE:] else None
    return answer({"server_ms": _now_ms(request), "orders": page, "next": more})


async def place(request: web.Request) -> web.StreamResponse:
    """POST /api/imaging/orders."""
    body = await read_body(request, OrderBody)
    bed = own_bed(request, body.bed)
    scheduled_ms = _now_ms(request) if body.scheduled_ms is None else body.scheduled_ms
    what = Wanted(body.modality, body.part, body.reason, body.priority, body.station, scheduled_ms)
    state = OrderState.DRAFT if body.draft else OrderState.ACTIVE
    made = await _radiology(request).orders.place(bed.id, body.patient, what, state, _by(request))
    return _told(request, made)


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/orders/{order}/state."""
    known, body = _known(request), await read_body(request, OrderStateBody)
    by = By(user(request).name, request.remote or "", body.why)
    return _told(request, await _radiology(request).orders.step(known, OrderState(body.state), by))


async def schedule(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/orders/{order}/schedule."""
    known, body = _known(request), await read_body(request, ScheduleBody)
    orders = _radiology(request).orders
    return _told(request, await orders.schedule(known, body.station, body.scheduled_ms, _by(request)))


async def report(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/orders/{order}/report."""
    order = await _order(request)
    return await _report(request, order)


async def write(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/orders/{order}/report."""
    known, body, parts = _known(request), await read_body(request, ReportBody), _radiology(request)
    order, state = await _order(request), ReportState(body.state)
    needed = await parts.reports.proof_needed(order, state)
    if needed and (refused := await proved_again(request, body.password, body.code)) is not None:
        return refused
    written = Written(state, body.findings, body.conclusion, body.critical, body.why)
    await parts.reports.write(known, written, _by(request), proved=needed)
    parts.tell(order)
    return await _report(request, order)


async def signed(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/orders/{order}/report/signed: the newest version that is signed."""
    order = await _order(request)
    versions = await _radiology(request).reports.versions(order)
    held = next((one for one in versions if one.signature is not None), None)
    if held is None or held.signature is None or held.document is None:
        raise NotFound(f"the report of {order.accession} is not signed yet")
    await record_access(request, {order.identifier})
    name = f"{order.accession}-report-{held.version}.json"
    body = signed_file(parsed(held.document.encode()), held.signature)
    return web.Response(body=body, headers=as_file(name, SIGNED))


async def notices(request: web.Request) -> web.StreamResponse:
    """GET /api/imaging/notices."""
    found = await _radiology(request).notices.open(user(request).name, sight(request))
    return answer({"server_ms": _now_ms(request), "notices": [_notice(one) for one in found]})


async def read(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/notices/{id}/read."""
    await _radiology(request).notices.read(_number(request), _by(request))
    return web.Response(status=_DONE)


async def acknowledge(request: web.Request) -> web.StreamResponse:
    """PUT /api/imaging/notices/{id}/acknowledged."""
    parts = _radiology(request)
    held = await parts.notices.acknowledge(_number(request), sight(request), _by(request))
    parts.tell(await parts.orders.find(held.accession, sight(request), user(request).name))
    return answer(_notice(held))


def sight(request: web.Request) -> Sight:
    """Whose orders and reports the one who asks may see."""
    return sight_of(request[ACCESS], context(request).registry.beds.values())


def own_sight(request: web.Request) -> Sight:
    """The same, without those for whom the glass was broken."""
    whole, view = sight(request), request[ACCESS].view
    if whole.patients is None:
        return whole
    beds = [bed for bed in context(request).registry.beds.values() if view.shows(bed.ward, None)]
    return Sight(frozenset(bed.patient.identifier for bed in beds if bed.patient), whole.held)


def shown(order: ImagingOrder) -> dict[str, Any]:
    """An ImagingOrderView."""
    what = {name: getattr(order.wanted, name) for name in Wanted.__dataclass_fields__}
    names = ("accession", "study", "procedure", "bed", "state", "revision", "arrived_ms")
    told = {name: getattr(order, name) for name in names}
    who = {"identifier": order.identifier, "name": order.name}
    by = {"placed_by": order.placed_by, "changed_by": order.changed_by}
    when = {"placed_ms": order.placed_ms, "changed_ms": order.changed_ms}
    return {**told, **what, **by, **when, "patient": who, "possible": possible(ORDER_STEPS, order.state)}


async def _report(request: web.Request, order: ImagingOrder) -> web.Response:
    versions = await _radiology(request).reports.versions(order)
    newest = versions[0].version if versions else 0
    state = versions[0].written.state if versions else ReportState.REGISTERED
    told = {"order": shown(order), "version": newest, "possible": possible(REPORT_STEPS, state)}
    return answer({**told, "versions": [_version(one) for one in versions]}, headers=tag(newest))


def _version(one: Version) -> dict[str, Any]:
    said = {name: getattr(one.written, name) for name in Written.__dataclass_fields__}
    is_signed = one.signature is not None
    return {**said, "version": one.version, "by": one.by, "at_ms": one.at_ms, "signed": is_signed}


def _notice(one: Notice) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in Notice.__dataclass_fields__}
    who = {"identifier": told.pop("identifier"), "name": told.pop("name")}
    return {**told, "patient": who}


def _told(request: web.Request, order: ImagingOrder) -> web.Response:
    _radiology(request).tell(order)
    return answer(shown(order), headers=tag(order.revision))


async def _order(request: web.Request) -> ImagingOrder:
    number, name = request.match_info["order"], user(request).name
    return await _radiology(request).orders.find(number, sight(request), name)


def _known(request: web.Request) -> Known:
    """Breaking the glass lets a person look, not change."""
    return Known(request.match_info["order"], replaced(request), own_sight(request))


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected the number of a notice, got {text!r:.40}")
    return int(text)


def _before(request: web.Request) -> int | None:
    text = request.query.get("before", "")
    if text and not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise BadRequest(f"expected before as the number of an order, got {text!r:.40}")
    return int(text) if text else None


def _radiology(request: web.Request) -> Radiology:
    return context(request).radiology


def _by(request: web.Request) -> By:
    return By(user(request).name, request.remote or "")


def _now_ms(request: web.Request) -> int:
    return context(request).clock.now_us() // 1000
