"""The ways in beside the password, as the handlers use them."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from controller.api.answers import answer
from controller.clock import Clock
from controller.errors import ConfigError
from controller.sections import LoginSection, OidcSection
from controller.security.buckets import Buckets
from controller.security.gate import Refused
from controller.security.oidc.login import OidcLogin
from controller.security.oidc.people import OidcPeople
from controller.security.oidc.provider import Provider
from controller.security.passkeys import Passkeys, Site
from controller.security.sessions import Sessions
from controller.security.tokens import Tokens
from controller.store import Store
from host.secrets import read_by_others

PER_S, AT_ONCE = 1, 60
"""Logins that one address may begin. A ward behind one address changes shifts at once."""


@dataclass(frozen=True, slots=True)
class Logins:
    """What the routes of login and tokens work with. Without `[oidc]` two of them are None."""

    passkeys: Passkeys
    tokens: Tokens
    oidc: OidcLogin | None
    people: OidcPeople | None
    address: str | None
    begun: Buckets


LOGINS = web.AppKey("logins", Logins)


def make_logins(
    store: Store, clock: Clock, sessions: Sessions, login: LoginSection, oidc: OidcSection | None
) -> Logins:
    """As configured. Raises ConfigError when the client secret cannot be used."""
    flow = people = None
    if oidc is not None:
        flow = OidcLogin(oidc, Provider(oidc, read_secret(oidc.secret_file), clock), clock)
        people = OidcPeople(store, clock, creates=oidc.unknown == "create")
    tokens = Tokens(store, clock, sessions.tell)
    begun = Buckets(clock, PER_S, AT_ONCE)
    return Logins(Passkeys(store, clock), tokens, flow, people, login.address, begun)


def read_secret(path: Path) -> str:
    """The client secret. Raises ConfigError: also when others may read it."""
    try:
        mode, secret = read_by_others(path), path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the client secret cannot be read ({error}): write it there") from None
    if mode:
        raise ConfigError(f"{path}: expected mode 0600, got {mode}: chmod 600 {path}")
    if not secret:
        raise ConfigError(f"{path}: expected the client secret, the file is empty: write the secret there")
    return secret


def logins(request: web.Request) -> Logins:
    """The application's."""
    return request.config_dict[LOGINS]


def origin(request: web.Request) -> str:
    """The origin of our pages: as configured, else localhost at the port that the request came to.

    What the request says of it (Host) is not asked.
    """
    configured = logins(request).address
    if configured is not None:
        return configured
    socket = request.transport and request.transport.get_extra_info("sockname")
    return f"{request.scheme}://localhost:{socket[1]}" if socket else "http://localhost"


def site(request: web.Request) -> Site:
    """Where passkeys hold: the host of our pages, and of no page above it."""
    ours = origin(request)
    return Site(urlsplit(ours).hostname or "localhost", ours)


def count_begun(request: web.Request) -> None:
    """A login begins. Raises Refused when too many of this address did."""
    if wait_s := logins(request).begun.take(request.remote or ""):
        message = f"too many logins were begun from here: try again in {wait_s} s"
        raise Refused(429, "slow-down", message, {"Retry-After": str(wait_s)})


async def ways(request: web.Request) -> web.StreamResponse:
    """GET /api/login/ways."""
    oidc = logins(request).oidc
    told = {"oidc": oidc.section.name if oidc else None, "passkeys": site(request).id}
    return answer(told)
