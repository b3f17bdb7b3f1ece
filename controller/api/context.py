"""What every handler works with."""

from dataclasses import dataclass

from aiohttp import web

from controller.auditor import Auditor
from controller.clock import Clock
from controller.hub import Hub
from controller.registry import Registry
from controller.security.gate import USER
from controller.security.passwords import Passwords
from controller.security.sessions import Sessions
from controller.security.throttle import Throttle
from controller.security.users import User
from controller.store import Store


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the controller that the API shows."""

    hub: Hub
    registry: Registry
    store: Store
    clock: Clock
    sessions: Sessions
    throttle: Throttle
    passwords: Passwords
    auditor: Auditor


CONTEXT = web.AppKey("context", Context)


def context(request: web.Request) -> Context:
    """The application's context."""
    return request.config_dict[CONTEXT]


def user(request: web.Request) -> User:
    """Who asks. Only for routes that are not public."""
    return request[USER]
