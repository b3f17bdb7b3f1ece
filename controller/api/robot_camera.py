"""A robot's camera over HTTP: staff who look through it in a room turn it."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from controller.api.bodies import Body, read_body
from controller.api.prescriptions_shown import by
from controller.api.robots_context import robots


class LookBody(Body):
    """By how much it turns, in degrees."""

    pan: Annotated[float, Field(ge=-180, le=180, strict=False)] = Field(description="to the right")
    tilt: Annotated[float, Field(ge=-90, le=90, strict=False)] = Field(description="up")


async def look(request: web.Request) -> web.StreamResponse:
    """POST /api/robots/{robot}/look. Raises NotFound; Conflict: it has no camera that turns."""
    body = await read_body(request, LookBody)
    await robots(request).turn_camera(request.match_info["robot"], (body.pan, body.tilt), by(request))
    return web.Response(status=204)
