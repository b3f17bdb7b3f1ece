"""The imaging service as web applications: one for browsers and programs, one for our own processes.

Both have the same routes; what differs is who may come in and how that is found out.
"""

from collections.abc import Callable, Collection, Iterable

from aiohttp import web

from controller.imaging.answers import noted, told
from controller.imaging.asking import Asking
from controller.imaging.inside import find_inside
from controller.imaging.parts import PARTS, Parts
from controller.imaging.routes import TABLE, Way
from controller.security.gate import Find, gate
from controller.security.headers import add_security_headers
from controller.security.hosts import known_hosts
from controller.security.permissions import Permission

LARGEST_BODY = 1 << 20
"""Bytes of a body that is read whole: what is stored comes as a stream, which has no such limit."""
Viewer = Callable[[web.Application], None]
"""Adds the pages of a viewer to the application."""


def make_imaging_app(
    parts: Parts,
    find: Find,
    *,
    names: Collection[str] = (),
    asking: Asking | None = None,
    viewer: Viewer | None = None,
    more: Iterable[Way] = (),
) -> web.Application:
    """For browsers and programs, behind the gate. `names`: by which the host is asked; `asking` records what
    is refused; `more`: routes beside those of PS3.18.
    """
    ways = (*TABLE, *more)
    permissions: dict[str, Permission] = {way.name: way.permission for way in ways}
    app = web.Application(client_max_size=LARGEST_BODY)
    app[PARTS] = parts
    if viewer is not None:
        viewer(app)
        named = {route.name for route in app.router.routes() if route.name}
        permissions |= dict.fromkeys(named, Permission.PUBLIC)
    app.middlewares.extend((told, noted(asking), known_hosts(names), gate(permissions, find)))
    _add(app, ways)
    return app


def make_inside_app(parts: Parts, *, more: Iterable[Way] = ()) -> web.Application:
    """For our own processes, on a Unix socket: no cookie and no Origin, they say for whom they speak."""
    ways = (*TABLE, *more)
    permissions = {way.name: way.permission for way in ways}
    app = web.Application(client_max_size=LARGEST_BODY)
    app[PARTS] = parts
    app.middlewares.extend((told, gate(permissions, find_inside, by_servers=permissions)))
    _add(app, ways)
    return app


def _add(app: web.Application, ways: Iterable[Way]) -> None:
    for way in ways:
        app.router.add_route(way.method, way.path, way.handler, name=way.name)
    app.on_response_prepare.append(add_security_headers)
