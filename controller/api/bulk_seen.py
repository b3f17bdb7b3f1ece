"""Since when resources are what they are: what `_since` goes by.

seen = Seen(jobs, since_us)
if await seen.is_wanted("Patient", "4711", digest): ...
await seen.settle()
"""

from controller.api.bulk_jobs import Jobs

AT_ONCE = 200
"""What is new is told to the store after so many."""
_SINCE = "SELECT digest, since_us FROM bulk_seen WHERE type = ? AND id = ?"


class Seen:
    """Of one export. `since_us`: what it asks for; None: everything."""

    def __init__(self, jobs: Jobs, since_us: int | None) -> None:
        self._jobs, self._since_us = jobs, since_us
        self._news: list[tuple[str, str, bytes, int]] = []

    async def is_wanted(self, kind: str, name: str, digest: bytes) -> bool:
        """Whether it became what it is after the time that is asked for; what is new is noted. Raises
        StoreError."""
        now_us = self._jobs.clock.utc_us()
        rows = await self._jobs.store.read(_SINCE, (kind, name))
        since_us = rows[0]["since_us"] if rows and rows[0]["digest"] == digest else now_us
        if since_us == now_us:
            self._news.append((kind, name, digest, now_us))
            if len(self._news) >= AT_ONCE:
                await self.settle()
        return self._since_us is None or since_us > self._since_us

    async def settle(self) -> None:
        """What is new is in the store. Raises StoreError."""
        if self._news:
            await self._jobs.seen(self._news)
            self._news = []
