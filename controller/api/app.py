"""The web application: `make_app` puts table, gate and headers together."""

from aiohttp import web

from controller.api.answers import refusals
from controller.api.context import CONTEXT, Context
from controller.api.events import OPEN, close_streams
from controller.api.openapi import document
from controller.api.route import add_routes
from controller.api.routes import DOCUMENT, TABLE
from controller.auditor import Auditor
from controller.clock import Clock
from controller.hub import Hub
from controller.registry import Registry
from controller.security.gate import gate
from controller.security.headers import add_security_headers
from controller.security.passwords import Passwords
from controller.security.sessions import Sessions
from controller.security.throttle import Throttle
from controller.store import Store

LARGEST_BODY = 64 * 1024
"""Bytes."""


def make_app(hub: Hub, registry: Registry, store: Store, clock: Clock) -> web.Application:
    """The application, ready for a runner. It starts nothing: the caller calls `hub.tick()` every second."""
    sessions = Sessions(store, clock)
    permissions = {route.name: route.permission for route in TABLE}
    app = web.Application(
        middlewares=[refusals, gate(permissions, sessions.find)], client_max_size=LARGEST_BODY
    )
    auditor = Auditor(store.path, clock)
    app[CONTEXT] = Context(hub, registry, store, clock, sessions, Throttle(clock), Passwords(), auditor)
    app[DOCUMENT] = document(TABLE)
    app[OPEN] = set()
    app.on_response_prepare.append(add_security_headers)
    app.on_shutdown.append(close_streams)
    app.on_shutdown.append(lambda _: auditor.stop())
    add_routes(app, TABLE)
    return app
