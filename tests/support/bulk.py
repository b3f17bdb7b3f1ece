"""An export as a client asks for it: kick-off, status, files; and readings to be exported.

async with program(controller, f"{EXPORT} system/Patient.s") as session:
    found = await lines(session, await completed(session, await begun(session)))     # lines by type
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from controller.api.logins import LOGINS
from controller.clock import utc_text
from controller.security.scopes import parse_scopes
from controller.security.tokens import Wanted
from controller.store import Store
from tests.support.controller import RunningController

SYSTEM = "/api/fhir/$export"
ASYNC = {"Prefer": "respond-async", "Accept": "application/fhir+json"}
EXPORT = "system/BulkExport.crd"
READS = "system/Patient.s system/AllergyIntolerance.s"
_numbers = iter(range(1000))
_SERIES = "INSERT OR IGNORE INTO series (device, bed, metric) VALUES (?, ?, ?)"
_ROW = """INSERT INTO observation (stream, number, place, boot, mono_us, at_us, series, value, reason,
  quality) SELECT 1, 1, 1, 1, 0, ?, id, ?, ?, ?
FROM series WHERE device = ? AND bed = ? AND metric = ? RETURNING id"""

Measured = tuple[str, str, str, int, float | None]
"""Device, bed, metric, time in µs, value."""


@asynccontextmanager
async def program(
    controller: RunningController, scopes: str = f"{EXPORT} {READS}", *, name: str = "", ward: str = ""
) -> AsyncIterator[aiohttp.ClientSession]:
    wards = frozenset({ward}) if ward else None
    wanted = Wanted(name or f"token-{next(_numbers)}", parse_scopes(scopes), 3, wards)
    text = await controller.app[LOGINS].tokens.make(wanted, "boss", "")
    headers = {"Authorization": f"Bearer {text}"}
    async with aiohttp.ClientSession(controller.address, headers=headers) as session:
        yield session


async def begun(session: aiohttp.ClientSession, path: str = SYSTEM, **query: str) -> str:
    async with session.get(path, params=query, headers=ASYNC) as response:
        assert response.status == 202, await response.text()
        return response.headers["Content-Location"]


async def completed(session: aiohttp.ClientSession, where: str) -> dict[str, Any]:
    while True:
        async with session.get(where) as response:
            if response.status == 200:
                return await response.json()
            assert response.status == 202
            assert response.headers["X-Progress"]
            assert int(response.headers["Retry-After"]) > 0
        await asyncio.sleep(0.02)


async def lines(session: aiohttp.ClientSession, manifest: dict[str, Any]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for one in manifest["output"]:
        async with session.get(one["url"]) as response:
            assert response.headers["Content-Type"] == "application/fhir+ndjson"
            body = await response.read()
        assert hashlib.sha256(body).hexdigest() == one["extension"]["urn:wardlink:sha256"]
        assert len(body.splitlines()) == one["count"]
        found.setdefault(one["type"], []).extend(body.splitlines())
    return found


def instant(controller: RunningController) -> str:
    return utc_text(controller.clock.utc_us())


async def measured(store: Store, *rows: Measured, reason: int | None = None, quality: int = 0) -> list[int]:
    """Readings in the store, as ingest has them. Returns their ids."""

    def work(db: Any) -> list[int]:
        found = list[int]()
        for device, bed, metric, at_us, value in rows:
            db.execute(_SERIES, (device, bed, metric))
            told = (at_us, value, reason, quality, device, bed, metric)
            found.append(db.execute(_ROW, told).fetchone()[0])
        return found

    return await store.write(work)
