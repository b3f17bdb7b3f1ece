"""The pharmacy: its queue, what is handed out, its products, and what a pack's code says."""

from dataclasses import asdict

from aiohttp import web

from controller.api import prescriptions_shown as shown
from controller.api.answers import BadRequest, answer
from controller.api.bodies import read_body
from controller.api.context import context
from controller.api.patients import own_sight, sight
from controller.api.payments_unpaid import check_paid
from controller.api.pharmacy_schemas import (
    BeginBody,
    DispenseStateBody,
    PackBody,
    PackScanBody,
    ProductBody,
    ReadyBody,
    RecallBody,
    TaskStateBody,
)
from controller.api.prescriptions_shown import by, now_ms, service
from controller.api.replaced import replaced, tag
from controller.clock import local_text
from controller.errors import NotFound
from controller.prescriptions import gs1
from controller.prescriptions.dispense import Over, Scanned
from controller.prescriptions.dispensed import Dispense, dispenses_of_all, find
from controller.prescriptions.model import Coded, Ingredient, Medicine
from controller.prescriptions.products import Product
from controller.prescriptions.repeats import standing
from controller.prescriptions.states import DispenseState, TaskState

Json = shown.Json


async def queue(request: web.Request) -> web.StreamResponse:
    """GET /api/pharmacy/queue."""
    parts, items = service(request), list[Json]()
    queued = await parts.tasks.queue(await sight(request))
    dispenses = await dispenses_of_all(parts.books, [rx for _, rx in queued])
    for task, rx in queued:
        found = dispenses[rx.id]
        begun = [shown.dispense(one) for one in found if one.task == task.id]
        what = {"task": shown.task(task), "prescription": shown.prescription(rx), "dispenses": begun}
        items.append({**what, "left": standing(rx, found).left})
    return answer({"server_ms": now_ms(request), "queue": items})


async def step_task(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/tasks/{id}/state."""
    number, over = shown.number_in(request, "task"), replaced(request)
    body, seen = await read_body(request, TaskStateBody), await own_sight(request)
    to, who = TaskState(body.state), by(request, body.why)
    task = await service(request).tasks.step(number, over, to, seen, who)
    _, rx = await service(request).tasks.find(number, seen)
    service(request).tell(rx)
    return answer(shown.task(task), headers=tag(task.revision))


async def begin(request: web.Request) -> web.StreamResponse:
    """POST /api/pharmacy/tasks/{id}/dispenses."""
    number, over = shown.number_in(request, "task"), replaced(request)
    body, seen = await read_body(request, BeginBody), await own_sight(request)
    made = await service(request).dispensing.begin(number, over, body.value, seen, by(request))
    return await _told(request, made)


async def scan(request: web.Request) -> web.StreamResponse:
    """POST /api/pharmacy/dispenses/{dispense}/packs."""
    over, body = await _over(request), await read_body(request, PackBody)
    pack = Scanned(body.code, body.value, body.why)
    return await _told(request, await service(request).dispensing.scan(over, pack, by(request)))


async def check(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/dispenses/{dispense}/checked."""
    return await _told(request, await service(request).dispensing.check(await _over(request), by(request)))


async def complete(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/dispenses/{dispense}/completed."""
    over, body = await _over(request), await read_body(request, ReadyBody)
    await check_paid(request, over.number, over.sight, body.unpaid_why)
    made, begun = await service(request).dispensing.complete(over, body.destination, by(request))
    await _tell(request, made)
    told = {"dispense": shown.dispense(made), "delivery": begun.number, "kind": begun.kind}
    return answer({**told, "queue": begun.queue, "code": begun.code}, headers=tag(made.revision))


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/dispenses/{dispense}/state."""
    over, body = await _over(request), await read_body(request, DispenseStateBody)
    to, who = DispenseState(body.state), by(request, body.why)
    return await _told(request, await service(request).dispensing.step(over, to, who))


async def products(request: web.Request) -> web.StreamResponse:
    """GET /api/pharmacy/products."""
    found = await service(request).products.listed()
    return answer({"products": [asdict(one) for one in found]})


async def medicines(request: web.Request) -> web.StreamResponse:
    """GET /api/medicines."""
    text = request.query.get("text", "")
    return answer({"medicines": [asdict(one) for one in service(request).medicines.search(text)]})


async def put_product(request: web.Request) -> web.StreamResponse:
    """PUT /api/pharmacy/products/{gtin}; for one that is there If-Match is needed."""
    body, parts = await read_body(request, ProductBody), service(request)
    gtin = gs1.gtin_14(request.match_info["gtin"])
    is_new = "If-Match" not in request.headers and await parts.products.find(gtin) is None
    over, what = 0 if is_new else replaced(request), _medicine(request, body)
    revision = await parts.products.put(Product(gtin, what, body.high_alert), over, by(request))
    return web.Response(status=204, headers=tag(revision))


async def recall(request: web.Request) -> web.StreamResponse:
    """POST /api/pharmacy/recalls."""
    body = await read_body(request, RecallBody)
    count = await service(request).products.recall(body.gtin, body.batch, by(request, body.why))
    return answer({"prescriptions": count})


async def recalls(request: web.Request) -> web.StreamResponse:
    """GET /api/pharmacy/recalls."""
    found = await service(request).products.recalls()
    return answer({"server_ms": now_ms(request), "recalls": [asdict(one) for one in found]})


async def read_scan(request: web.Request) -> web.StreamResponse:
    """POST /api/pharmacy/scan."""
    body = await read_body(request, PackScanBody)
    found = gs1.read(body.code, local_text(context(request).clock.utc_us(), "%Y-%m-%d"))
    known = await service(request).products.find(found.gtin)
    names = ("gtin", "batch", "expiry", "production", "serial", "count")
    told = {name: getattr(found, name) for name in names}
    return answer({**told, "elements": dict(found.elements), "product": known and asdict(known)})


def _medicine(request: web.Request, body: ProductBody) -> Medicine:
    """What the body says it is. Raises BadRequest, NotFound."""
    if (body.medicine is None) == (not body.formulary):
        raise BadRequest("expected formulary or medicine, got both or neither: say one of them")
    if body.medicine is None:
        choice = service(request).medicines.of_code(body.formulary)
        if choice is None:
            raise NotFound(f"there is no {body.formulary!r} in the formulary: see /api/medicines")
        return choice.medicine
    what = body.medicine
    parts = (Ingredient(Coded(**one.substance.model_dump()), one.strength) for one in what.ingredients)
    return Medicine(Coded(**what.code.model_dump()), what.form, tuple(parts))


async def _over(request: web.Request) -> Over:
    """Breaking the glass lets a person look, not change."""
    return Over(request.match_info["dispense"], replaced(request), await own_sight(request))


async def _told(request: web.Request, made: Dispense) -> web.Response:
    await _tell(request, made)
    return answer(shown.dispense(made), headers=tag(made.revision))


async def _tell(request: web.Request, made: Dispense) -> None:
    _, rx = await find(service(request).books, made.number, await own_sight(request))
    service(request).tell(rx)
