"""A client of the controller's API that behaves like its pages: cookies, and an Origin on each request."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
from yarl import URL

from controller.api.context import CONTEXT
from controller.security.cookie import COOKIE
from controller.security.permissions import NEEDS_SECOND_FACTOR
from controller.security.sessions import How
from controller.security.users import find_account
from tests.support.controller import PASSWORD, RunningController


@asynccontextmanager
async def client(
    controller: RunningController, user: str | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """A session of its own, logged in when `user` is given."""
    # Browsers take the Secure cookie from a loopback address; aiohttp has to be told.
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=controller.address)
    headers = {"Origin": controller.address}
    async with aiohttp.ClientSession(controller.address, cookie_jar=jar, headers=headers) as session:
        if user is not None:
            await log_in(controller, session, user)
        yield session


async def log_in(controller: RunningController, session: aiohttp.ClientSession, user: str) -> None:
    """By the password; for a role that needs a second factor as if that had been given, too."""
    account = await find_account(controller.store, user)
    if account is not None and account.user.roles & NEEDS_SECOND_FACTOR:
        sessions = controller.app[CONTEXT].sessions
        token = await sessions.begin(account.user, How.PASSWORD_AND_CODE)
        session.cookie_jar.update_cookies({COOKIE: token}, URL(controller.address))
        return
    async with session.post("/api/login", json={"user": user, "password": PASSWORD}) as response:
        assert response.status == 204, await response.text()


async def get(session: aiohttp.ClientSession, path: str, **query: Any) -> Any:
    """The answer to a GET that must succeed."""
    async with session.get(path, params=query) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def status(session: aiohttp.ClientSession, method: str, path: str, **options: Any) -> int:
    """The status of the answer alone."""
    async with session.request(method, path, allow_redirects=False, **options) as response:
        return response.status


async def refusal(session: aiohttp.ClientSession, method: str, path: str, **options: Any) -> tuple[int, str]:
    """(status, code) of a refusal in the API's shape."""
    async with session.request(method, path, allow_redirects=False, **options) as response:
        error = (await response.json())["error"]
        assert error["message"]
        return response.status, error["code"]


@asynccontextmanager
async def events(
    session: aiohttp.ClientSession, last_event_id: str | None = None
) -> AsyncIterator[AsyncIterator[tuple[str, str, Any]]]:
    """The open event stream: (id, kind, data)."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    async with session.get("/api/events", headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        yield _parsed(response)


async def _parsed(response: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, str, Any]]:
    while block := await response.content.readuntil(b"\n\n"):
        lines = dict(line.split(": ", 1) for line in block.decode().splitlines() if line)
        yield lines["id"], lines["event"], orjson.loads(lines["data"])
