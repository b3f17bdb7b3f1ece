"""Any of several controllers, as processes, serves any call; what one commits is shown by the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from yarl import URL

from controller.clock import SystemClock
from controller.security.permissions import Role
from controller.security.throttle import FREE
from controller.security.users import set_password
from controller.shards.hashing import FIRST
from controller.shards.passed import HEADER
from controller.store import Store
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_kill import produce
from tests.support.controller import PASSWORD
from tests.support.http import events, get
from tests.support.prescribed import send
from tests.support.replicas import LONG_S, Replica, Two, both_running
from tests.support.sender import Sender
from tests.support.visits import VISITS, sit

MAP = Path(__file__).parents[3] / "controller" / "robots" / "demo.toml"
MORE = f"""[robots]
map = "{MAP}"
[arrivals]
latitude = 52.0
longitude = 13.0
[imaging]
port = 0
[discovery]
interfaces = []
"""
HOME = "127.0.0.7"
"""The address of the one who asks."""
FAMILIES = (
    *("/api/snapshot", "/api/robots", "/api/robots/map", "/api/robots/transports", "/api/arrivals"),
    *("/api/beds/bed-1/crew", "/api/conferences", "/api/deliveries", "/api/pharmacy/boxes"),
    *("/api/imaging/studies", "/api/passkeys", "/api/account/badge", "/api/cohorts"),
)
"""Of what lives in the memory, or in the folder, of one controller; and, first, of what all of them have."""
_CHANGES = frozenset({"server_ms", "utc_ms", "session", "at_ms"})


@asynccontextmanager
async def browser(replica: Replica) -> AsyncIterator[aiohttp.ClientSession]:
    """Nobody is logged in yet."""
    address = replica.site.addresses()["http"]
    jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=address)
    connector = aiohttp.TCPConnector(local_addr=(HOME, 0))
    async with aiohttp.ClientSession(
        address, cookie_jar=jar, headers={"Origin": address}, connector=connector
    ) as session:
        yield session


async def log_in(session: aiohttp.ClientSession, password: str = PASSWORD) -> int:
    async with session.post("/api/login", json={"user": "nina", "password": password}) as answer:
        return answer.status


async def with_nina(site: Site) -> None:
    store = await Store.open(site.config.database)
    await set_password(store, SystemClock(), "nina", PASSWORD, Role.NURSE)
    await store.close()


async def on_duty(two: Two) -> Replica:
    [(holder,)] = await two.site.rows("SELECT holder FROM shard_lease WHERE shard = ?", FIRST)
    return two.holds if two.holds.holder == holder else two.other


def steady(told: Any) -> Any:
    """Without what changes by itself."""
    if isinstance(told, dict):
        return {name: steady(value) for name, value in told.items() if name not in _CHANGES}
    return [steady(one) for one in told] if isinstance(told, list) else told


async def until_told(stream: AsyncIterator[tuple[int, Any]], kind: str) -> Any:
    async with asyncio.timeout(LONG_S):
        async for _, message in stream:
            if message["kind"] == kind:
                return message
    raise AssertionError(f"the stream ended before {kind}")


@pytest.fixture
async def two(site: Site) -> AsyncIterator[Two]:
    await with_nina(site)
    text = (site.folder / "controller.toml").read_text(encoding="utf-8")
    (site.folder / "controller.toml").write_text(text.replace("[discovery]\ninterfaces = []\n", ""))
    async with both_running(site, MORE) as two:
        yield two


async def test_any_of_them_serves_any_call_and_shows_what_another_commits_until_one_is_left(two: Two) -> None:
    duty = await on_duty(two)
    other = two.other if duty is two.holds else two.holds
    async with AsyncExitStack() as stack:
        here, there = [await stack.enter_async_context(browser(one)) for one in (duty, other)]
        await tries_are_counted_in_one_place(here, there)
        await logged_in_at_one_is_logged_in_at_all(two, here, there)
        await each_family_is_the_same_at_both(here, there)
        await nobody_but_a_controller_says_for_whom_it_asks(here, there)
        await what_one_commits_is_told_by_the_other(two, here if two.other is duty else there)
        await send(there, "PUT", "/api/robots/stop")
        asked = {"pick": "pharmacy", "drop": "ward-a", "load": "medicines"}
        transport = (await send(there, "POST", "/api/robots/transports", None, **asked))["transport"]["id"]
        seat = await what_is_said_in_a_room_is_heard_at_the_other(here, there)
        duty.process.kill()
        duty.process.wait()
        fleet = await the_one_that_is_left_serves_it_all(there, seat)
        assert fleet["stopped"]  # of a master that began with what the other had kept
        await send(there, "PUT", f"/api/robots/transports/{transport}/cancelled", why="nobody needs it")


async def tries_are_counted_in_one_place(here: aiohttp.ClientSession, there: aiohttp.ClientSession) -> None:
    """Three are free: were they counted at each, six of these would be looked at."""
    tries = [log_in(one, "wrong, and long enough") for one in (there, here) * 4]
    statuses = await asyncio.gather(*tries)
    assert set(statuses) == {401, 429}
    assert statuses.count(401) < 2 * FREE
    async with asyncio.timeout(LONG_S):
        while await log_in(there) != 204:  # noqa: ASYNC110 - it is slowed down
            await asyncio.sleep(0.2)


async def logged_in_at_one_is_logged_in_at_all(
    two: Two, here: aiohttp.ClientSession, there: aiohttp.ClientSession
) -> None:
    for cookie in there.cookie_jar:  # a browser has it of the one address that both are behind
        here.cookie_jar.update_cookies({cookie.key: cookie.value}, here._base_url or URL())
    assert (await get(here, "/api/me"))["user"] == "nina"
    rows = await two.site.rows("SELECT DISTINCT entry ->> '$.where' FROM audit WHERE action = 'login'")
    assert rows == [(HOME,)]


async def each_family_is_the_same_at_both(here: aiohttp.ClientSession, there: aiohttp.ClientSession) -> None:
    async with asyncio.timeout(LONG_S):  # the archive of images begins after the pages
        while True:
            async with there.get("/api/imaging/studies") as answer:
                if answer.status == 200:
                    break
            await asyncio.sleep(0.3)
    for path in FAMILIES:
        async with here.get(path) as one, there.get(path) as another:
            assert (path, one.status, steady(await one.json())) == (
                *(path, another.status),
                steady(await another.json()),
            )
            assert one.status in (200, 403), path


async def nobody_but_a_controller_says_for_whom_it_asks(*sessions: aiohttp.ClientSession) -> None:
    for session in sessions:
        for path in "/api/robots", "/api/me":
            async with session.get(path, headers={HEADER: f"1 10.0.0.1 {'0' * 64}"}) as answer:
                assert (answer.status, (await answer.json())["error"]["code"]) == (403, "not-a-controller")


async def what_one_commits_is_told_by_the_other(two: Two, session: aiohttp.ClientSession) -> None:
    """`session`: with the one that does not take in what the gateway sends."""
    async with events(session) as stream, two.sending(sender := Sender("ward-a")) as connection:
        assert (await anext(stream))[1] == "snapshot"
        produce(sender, 1)
        await connection.drain()
        async with asyncio.timeout(LONG_S):
            async for _, kind, data in stream:
                if kind == "values" and any(one["metric"] == "hr" for one in data["items"]):
                    return


async def what_is_said_in_a_room_is_heard_at_the_other(
    here: aiohttp.ClientSession, there: aiohttp.ClientSession
) -> tuple[str, int]:
    await send(there, "POST", "/api/patients", identifier="4713", name="Eva Doe", ward="w-1")
    made = await send(here, "POST", VISITS, patient="4713", host="nina", reason="cough")
    room = f"{VISITS}/{made['visit']['number']}/room"
    one, another = await sit(here, room, "x" * 32), await sit(there, room, "y" * 32)
    async with another.told() as stream:
        await one.say(1, {"to": 0, "body": {"k": "chat", "text": "hello", "key": "z" * 32}})
        assert (await until_told(stream, "chat"))["line"]["text"] == "hello"
    return room, another.answer.seat


async def the_one_that_is_left_serves_it_all(session: aiohttp.ClientSession, seat: tuple[str, int]) -> Any:
    async with asyncio.timeout(LONG_S):  # what comes meanwhile waits, or is told to come again
        while True:
            async with session.get("/api/robots") as answer:
                if answer.status == 200:
                    break
                assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    again = await sit(session, seat[0], "y" * 32)
    assert again.answer.seat == seat[1]
    assert [line.text for line in again.answer.talk] == ["hello"]
    return await get(session, "/api/robots")
