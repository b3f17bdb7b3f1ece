"""The rows of the route table for alarms of patients, and what serves them.

An alarm is the gateway's: somebody who has seen it tells the gateway so, by a signed command, and what
becomes of it comes back the way of every alarm. Until then the board shows it as before.
"""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body, read_body
from controller.api.context import context, seen_bed, user
from controller.api.orders import DESK
from controller.api.route import Route
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.security.permissions import Permission
from devices.model.orders import ACKNOWLEDGE

LIFE_US = 600_000_000
"""A gateway that is not there takes it within so long: later, somebody should look again."""


class SeenBody(Body):
    """An alarm that somebody has seen: `alarm` is the number in its detail."""

    gateway: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]
    alarm: Annotated[int, Field(ge=1, lt=2**31)]


async def seen(request: web.Request) -> web.StreamResponse:
    """POST /api/beds/{bed}/alarms/seen."""
    bed, body = seen_bed(request, request.match_info["bed"]), await read_body(request, SeenBody)
    if context(request).hub.alarm_bed(body.gateway, body.alarm) != bed.id:
        raise NotFound(f"there is no alarm {body.alarm} of {bed.id} any more: look at the board")
    by, arguments = By(user(request).name, request.remote or ""), {"alarm": body.alarm}
    await request.config_dict[DESK].command(
        *(body.gateway, ACKNOWLEDGE, arguments, by, LIFE_US), key=f"alarm-{body.alarm}"
    )
    return web.Response(status=204)


# fmt: off
ALARM_ROUTES: tuple[Route, ...] = (
    Route("POST", "/api/beds/{bed}/alarms/seen", "alarm-seen", seen, Permission.SEE_ALARMS,
          "Tell a patient's gateway that somebody has seen an alarm", body=SeenBody,
          refusals=(400, 404, 409, 503)),
)
# fmt: on
