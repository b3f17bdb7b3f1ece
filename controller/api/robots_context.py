"""Robots inside the application: there if `[robots]` is configured, and then kept running."""

from collections.abc import AsyncIterator

from aiohttp import web

from controller.api.context import CONTEXT
from controller.api.deliveries_riding import Rides
from controller.clock import Clock
from controller.errors import NotFound
from controller.hub import Hub
from controller.robots.map import load
from controller.robots.service import Robots
from controller.sections import RobotsSection
from controller.shards.duty import on_duty
from controller.store import Store

ROBOTS = web.AppKey("robots", Robots)


def add_robots(
    app: web.Application, section: RobotsSection | None, store: Store, clock: Clock, hub: Hub
) -> None:
    """As configured; None: there are no robots. Raises BadMap: the map cannot be used."""
    if section is None:
        return
    app[ROBOTS] = Robots(load(section.map), store, clock, hub)
    app.cleanup_ctx.append(_running)


def robots(request: web.Request) -> Robots:
    """The application's. Raises NotFound: there are none."""
    held = request.config_dict.get(ROBOTS)
    if held is None:
        raise NotFound("there are no robots here: see [robots] in the configuration")
    return held


async def _running(app: web.Application) -> AsyncIterator[None]:
    service = app[ROBOTS]

    async def after_robots() -> None:
        """What begins comes one after the other: the fleet is known by now."""

    rides = Rides(service, app[CONTEXT].prescriptions)
    async with (
        on_duty(app, "robots", service.run, begin=service.start),
        on_duty(app, "deliveries by robot", rides.run, begin=after_robots),
    ):
        yield
