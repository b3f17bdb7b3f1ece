"""systemd is told what /readyz says, and that this lives: its event loop turns, its database answers."""

from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

from aiohttp import web

from controller.errors import StoreError
from controller.kept import kept
from controller.metrics.readiness import Readiness
from controller.store import Store
from host.systemd import is_told, tell


async def look(store: Store, readiness: Readiness) -> str:
    """What is wrong; "" when nothing is. Does not come back while the database's thread does not."""
    with suppress(StoreError):  # it answers: `readiness` has what it says
        await store.write(lambda _: None)
    reasons = await readiness.reasons()
    return "; ".join(f"{name}: {why}" for name, why in reasons.items() if why)


async def telling(store: Store, readiness: Readiness, _app: web.Application) -> AsyncIterator[None]:
    """A context of the application: systemd, where it wants to know, is told while it runs."""
    if not is_told():
        yield
        return
    async with kept("systemd", partial(tell, partial(look, store, readiness))):
        yield
