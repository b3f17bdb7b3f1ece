"""The rows of the route table for alarms of patients, and what serves them.

An alarm is the gateway's: somebody who has seen it tells the gateway so, by a signed command, and what
becomes of it comes back the way of every alarm. Until then the board shows it as before. Limits of one
patient go by a command to the box of a vehicle, and by a setting to the boxes of a ward's bed.
"""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from controller.api.alarm_schemas import LimitsView
from controller.api.answers import answer
from controller.api.bodies import PRINTABLE, Body, read_body
from controller.api.context import context, own_bed, seen_bed, user
from controller.api.orders import DESK
from controller.api.route import Route
from controller.bedside.limits import WardLimits
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.limits import LIFE_US, LimitDesk, Wanted
from controller.security.permissions import Permission
from devices.model.orders import ACKNOWLEDGE


class SeenBody(Body):
    """An alarm that somebody has seen: `alarm` is the number in its detail."""

    gateway: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
    alarm: Annotated[int, Field(ge=1, lt=2**31)]


class LimitBody(Body):
    """A limit for one patient: `value` in the unit of the value; empty: that of the patient's class."""

    patient: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)]
    code: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern="^[a-z0-9-]+$")]
    value: Annotated[str, StringConstraints(max_length=5, pattern=r"^([0-9]{1,3}(\.[0-9])?)?$")]


class ClassBody(Body):
    """Of which class a patient is; empty: of that of the bed."""

    patient: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)]
    class_: Annotated[Literal["", "adult", "child", "neonate"], Field(alias="class")]


async def seen(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/alarms/seen."""
    bed, body = seen_bed(request, request.match_info["bed"]), await read_body(request, SeenBody)
    if context(request).hub.alarm_bed(body.gateway, body.alarm) != bed.id:
        raise NotFound(f"there is no alarm {body.alarm} of {bed.id} any more: look at the board")
    return await tell_gateway(request, body)


async def tell_gateway(request: web.Request, body: SeenBody) -> web.Response:
    """Have the gateway know that who asks has seen its alarm."""
    by, arguments = By(user(request).name, request.remote or ""), {"alarm": body.alarm}
    await request.config_dict[DESK].command(
        *(body.gateway, ACKNOWLEDGE, arguments, by, LIFE_US), key=f"alarm-{body.alarm}"
    )
    return web.Response(status=204)


async def limit(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/alarms/limits."""
    bed, body = own_bed(request, request.match_info["bed"]).id, await read_body(request, LimitBody)
    by = By(user(request).name, request.remote or "")
    await _limits(request).move(bed, Wanted(body.patient, body.code, body.value), by)
    return web.Response(status=204)


async def ward_limit(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/alarms/ward-limits."""
    bed, body = own_bed(request, request.match_info["bed"]).id, await read_body(request, LimitBody)
    by = By(user(request).name, request.remote or "")
    await _ward(request).move(bed, Wanted(body.patient, body.code, body.value), by)
    return web.Response(status=204)


async def ward_class(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/alarms/class."""
    bed, body = own_bed(request, request.match_info["bed"]).id, await read_body(request, ClassBody)
    by = By(user(request).name, request.remote or "")
    await _ward(request).choose(bed, body.patient, body.class_, by)
    return web.Response(status=204)


async def limits(request: web.Request) -> web.StreamResponse:
    """GET /api/beds/{bed}/alarms/limits."""
    bed = seen_bed(request, request.match_info["bed"]).id
    held = await _limits(request).present(bed) or await _ward(request).present(bed)
    shown = None if held is None else _present(held)
    return answer({"server_ms": context(request).clock.now_us() // 1000, "present": shown})


def _present(held: dict[str, Any]) -> dict[str, Any]:
    ward = held["ward"] and _shown(held["ward"])
    return {**held, "ward": ward, "limits": [_shown(one) for one in held["limits"]]}


def _shown(one: dict[str, Any]) -> dict[str, Any]:
    asked = one["asked"]
    return {**one, "asked": None if asked is None else {**asdict(asked), "waits": list(asked.waits)}}


def _ward(request: web.Request) -> WardLimits:
    parts = context(request)
    return WardLimits(parts.store, parts.clock)


def _limits(request: web.Request) -> LimitDesk:
    parts = context(request)
    return LimitDesk(parts.store, request.config_dict[DESK], parts.clock)


# fmt: off
ALARM_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/beds/{bed}/alarms/seen", "alarm-seen", seen, Permission.SEE_ALARMS,
          "Tell a patient's gateway that somebody has seen an alarm", body=SeenBody,
          refusals=(400, 404, 409, 503)),
    Route("GET", "/api/beds/{bed}/alarms/limits", "alarm-limits", limits, Permission.READ_WARD,
          "Which limits hold for the patient of a bed or vehicle, by whom, and what was asked of its boxes",
          answer=LimitsView, refusals=(404, 503)),
    Route("POST", "/api/beds/{bed}/alarms/limits", "alarm-limit", limit, Permission.INSTRUCT,
          "Move a limit of one patient in a vehicle, until that patient leaves: its box checks and tells it",
          body=LimitBody, refusals=(400, 404, 409, 503)),
    Route("POST", "/api/beds/{bed}/alarms/ward-limits", "move-limit", ward_limit, Permission.MOVE_LIMITS,
          "Move a limit of one patient in a bed of a ward, until that patient leaves: its boxes check it",
          body=LimitBody, refusals=(400, 404, 409, 503)),
    Route("POST", "/api/beds/{bed}/alarms/class", "classify-patient", ward_class, Permission.MOVE_LIMITS,
          "Say of which class the patient in a bed of a ward is: limits that it does not allow go",
          body=ClassBody, refusals=(400, 404, 409, 503)),
)
# fmt: on
