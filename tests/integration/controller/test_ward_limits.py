"""A nurse moves a limit; the box at the bed, over the real broker, judges by it until the patient leaves."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, CookieJar

from controller.clock import SystemClock
from controller.hub import Hub
from controller.registry import Registry
from controller.security.permissions import Role
from controller.security.users import set_password
from controller.stays import Patient
from controller.store import Store
from tests.integration.controller.conftest import Site
from tests.integration.controller.test_orders import gateway
from tests.integration.gateway.rig import GatewayProcess, Ox
from tests.support.controller import PASSWORD
from tests.support.waiting import DEADLINE_S, until

LIMITS = "/api/beds/bed-1/alarms/limits"
ANN, BEN = Patient("P-ANN", "Ann"), Patient("P-BEN", "Ben")


@asynccontextmanager
async def beside(site: Site) -> AsyncIterator[Registry]:
    """The registry as another process has it: what it changes the controller reads a second later."""
    store = await Store.open(site.config.database)
    registry = Registry(store, Hub(SystemClock(), "beside"), SystemClock())
    await registry.load()
    try:
        yield registry
    finally:
        await store.close()


async def discharge(site: Site) -> None:
    """Whoever is in bed-1 leaves."""
    async with beside(site) as registry:
        await registry.discharge("bed-1", "kim")


async def admit(site: Site, patient: Patient) -> None:
    async with beside(site) as registry:
        await registry.admit("bed-1", patient, "kim")


async def admit_and_crash(site: Site, patient: Patient) -> None:
    """As if the controller had ended before it wrote down what its gateways are to be told of it."""
    store = await Store.open(site.config.database)
    row = "bed-1", patient.identifier, patient.name, SystemClock().now_us() // 1000, "kim"
    add = "INSERT INTO stay (bed, identifier, name, from_ms, by) VALUES (?, ?, ?, ?, ?)"
    await store.write(lambda db: db.execute(add, row))
    await store.close()


@asynccontextmanager
async def nurse(site: Site) -> AsyncIterator[ClientSession]:
    """Logged in at the running controller."""
    store = await Store.open(site.config.database)
    await set_password(store, SystemClock(), "kim", PASSWORD, Role.NURSE)
    await store.close()
    base = site.addresses()["http"]
    jar = CookieJar(unsafe=True, treat_as_secure_origin=base)
    async with ClientSession(base, cookie_jar=jar, headers={"Origin": base}) as session:
        body = {"user": "kim", "password": PASSWORD}
        async with session.post("/api/login", json=body) as response:
            assert response.status == 204, await response.text()
        yield session


async def move(session: ClientSession, value: str, patient: str = "P-ANN") -> None:
    body = {"patient": patient, "code": "spo2-desaturation", "value": value}
    async with session.post("/api/beds/bed-1/alarms/ward-limits", json=body) as response:
        assert response.status == 204, await response.text()


async def shown(session: ClientSession) -> dict[str, Any]:
    """Of the patient in bed-1: the limit of SpO2, whose it is, and the classes that the boxes have said."""
    async with session.get(LIMITS) as response:
        held = (await response.json())["present"]
    if held is None:
        return {}
    (limit,) = (one for one in held["limits"] if one["code"] == "spo2-desaturation")
    heard, asked = [one["class"] for one in held["ward"]["boxes"]], limit["asked"]
    state = asked and asked["state"]
    whose = {"patient": held["patient"], "heard": heard}
    return {**whose, "value": limit["value"], "asked": asked, "state": state}


async def become(session: ClientSession, **wanted: Any) -> dict[str, Any]:
    """Wait until it is shown so."""
    found = dict[str, Any]()
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not wanted.items() <= found.items():
                await asyncio.sleep(0.05)
                found = await shown(session)
    except TimeoutError:
        raise AssertionError(f"expected {wanted}, last was {found}") from None
    return found


async def alarms(site: Site) -> list[tuple[Any, ...]]:
    """Of SpO2 that is too low by far: with which limit, whether it is active, why it ended."""
    return await site.rows(
        """SELECT json_extract(detail, '$.limit'), active, ifnull(json_extract(detail, '$.why'), '')
        FROM alert WHERE code = 'spo2-desaturation' AND json_extract(detail, '$.why') IS NOT 'link-lost'
        ORDER BY id"""
    )


async def found(ask: Callable[[], Awaitable[bool]], what: str) -> None:
    """Wait until it is so."""
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not await ask():  # noqa: ASYNC110 - it is in a database
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"expected: {what}") from None


def moved_to(box: GatewayProcess, site: Site) -> GatewayProcess:
    """The same box, at the address that the controller has now."""
    told, address = box.config.read_text(encoding="utf-8"), site.addresses()["mqtt"]
    box.config.write_text(re.sub('address = ".*"', f'address = "{address}"', told), encoding="utf-8")
    return box


async def test_a_limit_holds_at_the_bed_and_ends_with_the_patient_also_while_box_and_controller_are_off(
    site: Site, tmp_path: Path
) -> None:
    await admit(site, ANN)
    with Ox() as ox:
        ox.spo2 = 86
        async with site.running(), nurse(site) as session:
            box = gateway(site, tmp_path / "box", ox.port)
            with box:
                await become(session, patient="P-ANN", value=None, heard=["adult"])
                await move(session, "99")
                await become(session, state="refused")
                await move(session, "88")
                await become(session, value=88, asked=None)
                await found(lambda: said(site, ("88", 1, "")), "an alarm below 88, where 80 is usual")
                kept = tmp_path / "box" / "gateway-data" / "alarms.json"
                await until(lambda: kept.exists() and "spo2-desaturation" in kept.read_text(), "it is kept")
                box.end(signal.SIGKILL)
            await discharge(site)
        await admit_and_crash(site, BEN)
        async with site.running(), nurse(site) as session:
            with moved_to(box, site):
                await become(session, patient="P-BEN", value=None, heard=["adult"])
                await found(lambda: said(site, ("88", 0, "stay-ended")), "her alarm is not his")


async def said(site: Site, last: tuple[Any, ...]) -> bool:
    return (await alarms(site))[-1:] == [last]
