"""A box without an identity waits for its claim: on its page, at its console, and is seen in its network."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from devices.model.claim import Claim
from gateway.clock import Clock
from gateway.enrolment.announce import announced, box_serial
from gateway.enrolment.claims import by_console
from gateway.enrolment.enrol import Enrol, enrol
from gateway.enrolment.identity import Identity, IdentityFolder
from gateway.enrolment.page import ClaimPage
from gateway.links.network import Endpoint


@dataclass(frozen=True, slots=True)
class Places:
    """Where it waits: at least one."""

    page: Endpoint | None = None
    console: str | None = None


async def wait_for_claim(
    folder: IdentityFolder, box: str | None, clock: Clock, places: Places, opened: Callable[[str], None]
) -> Identity:
    """The identity, once a claim was good; `opened` is told the page's address. Raises LinkError."""
    serial = box_serial()
    seen = places.page if places.page and not places.page.host.startswith(("127.", "::1")) else None
    take = _one_at_a_time(lambda claim: enrol(folder, claim, box, clock))
    async with announced(serial, seen):
        sources: list[Coroutine[Any, Any, Identity]] = []
        if places.page:
            sources.append(ClaimPage(places.page, serial, take).run(opened))
        if places.console:
            sources.append(by_console(places.console, take))
        return await _first(sources)


def _one_at_a_time(try_it: Enrol) -> Enrol:
    """One claim after the other; when one was good, the rest are not tried."""
    lock, made = asyncio.Lock(), list[Identity]()

    async def take(claim: Claim) -> Identity:
        async with lock:
            if not made:
                made.append(await try_it(claim))
            return made[0]

    return take


async def _first(sources: list[Coroutine[Any, Any, Identity]]) -> Identity:
    tasks = [asyncio.create_task(source) for source in sources]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        return done.pop().result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
