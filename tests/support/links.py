"""A link under test: run in the background, everything it delivers kept."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

from devices.codecs import Host, Said
from devices.model.observation import DeviceEvent, EventKind, Reading
from gateway.links import Link
from tests.support.waiting import until


class Heard:
    """What a link delivered, in order."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.host = Host()
        self.kept_after: list[int] = []
        """How much had been said each time that somebody waited for the journal."""
        self.remembered: list[dict[str, int]] = []

    async def kept(self) -> None:
        self.kept_after.append(len(self.said))

    async def remember(self) -> None:
        self.remembered.append(dict(self.host.memory))

    def __call__(self, said: Sequence[Said]) -> None:
        self.said.extend(said)

    def events(self, *kinds: EventKind) -> list[DeviceEvent]:
        return [one for one in self.said if isinstance(one, DeviceEvent) and one.kind in kinds]

    def values(self, metric: str) -> list[Decimal | None]:
        return [one.value for one in self.said if isinstance(one, Reading) and one.metric == metric]

    @property
    def presence(self) -> list[str]:
        """`connected`, or why not, in order."""
        events = self.events(EventKind.CONNECTED, EventKind.DISCONNECTED)
        return [str(event.detail.get("why", "connected")) for event in events]

    def message(self, why: str) -> str:
        """What the last DISCONNECTED for this reason says to people."""
        events = self.events(EventKind.DISCONNECTED)
        return str([e.detail["message"] for e in events if e.detail["why"] == why][-1])

    async def until_presence(self, last: str) -> None:
        await until(lambda: self.presence[-1:] == [last], f"presence is {last}: {self.presence}")


@asynccontextmanager
async def running(*links: Link) -> AsyncIterator[None]:
    """The links, until the end of the block; that they still run then is asserted."""
    tasks = [asyncio.create_task(link.run()) for link in links]
    try:
        yield
        assert [task for task in tasks if task.done()] == [], "a link ended by itself"
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
