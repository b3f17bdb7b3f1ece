"""What is on its way to patients: who has it, and who received it."""

from aiohttp import web

from controller.api import prescriptions_shown as shown
from controller.api.answers import answer
from controller.api.bodies import read_body
from controller.api.deliveries_riding import PRIORITIES
from controller.api.patients import own_sight, sight
from controller.api.pharmacy_schemas import CustodyBody, DeliveryStateBody, ReceivedBody, SendBody
from controller.api.prescriptions_shown import by, now_ms, service
from controller.api.replaced import replaced, tag
from controller.api.robots_context import robots
from controller.prescriptions.custody import Hand
from controller.prescriptions.delivered import Delivery
from controller.prescriptions.delivery import Over
from controller.prescriptions.states import DeliveryState
from controller.robots.books import Wanted
from controller.security.badges import Shown


async def deliveries(request: web.Request) -> web.StreamResponse:
    """GET /api/deliveries."""
    patient = request.query.get("patient", "")
    parts, seen = service(request), await sight(request)
    listed = [*await parts.deliveries.listed(seen), *await parts.cold.to_judge(seen)]
    found = [(one, rx) for one, rx in listed if patient in ("", rx.identifier)]
    told = await shown.deliveries(request, found)
    return answer({"server_ms": now_ms(request), "deliveries": told})


async def inside(request: web.Request) -> web.StreamResponse:
    """GET /api/deliveries/robots/{robot}."""
    robot = request.match_info["robot"]
    found = await service(request).deliveries.inside(robot, await sight(request))
    ways = await shown.deliveries(request, [(one, rx) for _, one, rx in found])
    told = [{"drawer": link.drawer, "delivery": way} for (link, _, _), way in zip(found, ways, strict=True)]
    return answer({"server_ms": now_ms(request), "robot": robot, "drawers": told})


async def hand(request: web.Request) -> web.StreamResponse:
    """PUT /api/deliveries/{delivery}/custody."""
    over, body = await over_of(request), await read_body(request, CustodyBody)
    told = Hand(body.holder, body.spot, body.seal, body.drawer)
    return await told_of(request, await service(request).deliveries.hand(over, told, by(request)))


async def send(request: web.Request) -> web.StreamResponse:
    """PUT /api/deliveries/{delivery}/robot."""
    held, parts = robots(request), service(request)
    over, body = await over_of(request), await read_body(request, SendBody)
    _, rx = await parts.deliveries.find(over.number, over.sight)
    wanted = Wanted(body.pick, body.drop, "medicines", PRIORITIES[rx.wanted.priority], over.number)
    who = by(request)
    await held.transport(wanted, who, lambda db, name: parts.riding.send(db, over, name, who))
    made, _ = await parts.deliveries.find(over.number, over.sight)
    return await told_of(request, made)


async def receive(request: web.Request) -> web.StreamResponse:
    """PUT /api/deliveries/{delivery}/received."""
    over, body = await over_of(request), await read_body(request, ReceivedBody)
    parts = service(request).deliveries
    if body.shown is not None:
        shows = Shown(**body.shown.model_dump())
        return await told_of(request, await parts.receive_shown(over, shows, body.spot, request.remote or ""))
    return await told_of(request, await parts.receive(over, body.code, body.spot, by(request)))


async def renew(request: web.Request) -> web.StreamResponse:
    """POST /api/deliveries/{delivery}/code."""
    made, code = await service(request).deliveries.renew(await over_of(request), by(request))
    return answer({"delivery": await _shown(request, made), "code": code}, headers=tag(made.revision))


async def step(request: web.Request) -> web.StreamResponse:
    """PUT /api/deliveries/{delivery}/state."""
    over, body = await over_of(request), await read_body(request, DeliveryStateBody)
    to, who = DeliveryState(body.state), by(request, body.why)
    return await told_of(request, await service(request).deliveries.step(over, to, who))


async def over_of(request: web.Request) -> Over:
    """Which is meant, as who asks knows it. Breaking the glass lets a person look, not change."""
    return Over(request.match_info["delivery"], replaced(request), await own_sight(request))


async def told_of(request: web.Request, made: Delivery) -> web.Response:
    """The delivery as it is now, and that there is news of it."""
    return answer(await _shown(request, made), headers=tag(made.revision))


async def _shown(request: web.Request, made: Delivery) -> shown.Json:
    rx = await service(request).books.find_by_id(made.prescription)
    service(request).tell(rx)
    return await shown.delivery(request, made, rx)
