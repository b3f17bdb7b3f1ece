"""Since when resources are what they are: what `_since` goes by.

seen = Seen(jobs, job)
if await seen.is_wanted("Patient", "4711", digest): ...
await seen.settle()

Each set of wards that exports are made of has a memory of its own: what was always so is new to whoever sees
it for the first time, as of a patient who came into the ward.
"""

import hashlib
import json

from controller.api.bulk_jobs import Job, Jobs

AT_ONCE = 200
"""What is new is told to the store after so many."""
_SINCE = "SELECT digest, since_us FROM bulk_seen WHERE type = ? AND id = ?"


class Seen:
    """Of one export, and of what it asks for: `_since`, or everything."""

    def __init__(self, jobs: Jobs, job: Job) -> None:
        self._jobs, self._job = jobs, job
        self._whose = _whose(job.asked.whose)
        self._news: list[tuple[str, str, bytes, int]] = []

    async def is_wanted(self, kind: str, name: str, digest: bytes) -> bool:
        """Whether it became what it is after the time that is asked for; what is new is noted. Raises
        StoreError."""
        # Never before its own export: a host's clock may have been set back since that was asked for.
        now_us = max(self._jobs.clock.utc_us(), self._job.transaction_us)
        known, asked_us = f"{self._whose}{name}", self._job.asked.since_us
        rows = await self._jobs.store.read(_SINCE, (kind, known))
        since_us = rows[0]["since_us"] if rows and rows[0]["digest"] == digest else now_us
        if since_us == now_us:
            self._news.append((kind, known, digest, now_us))
            if len(self._news) >= AT_ONCE:
                await self.settle()
        return asked_us is None or since_us > asked_us

    async def settle(self) -> None:
        """What is new is in the store. Raises StoreError."""
        if self._news:
            await self._jobs.seen(self._news)
            self._news = []


def _whose(wards: frozenset[str] | None) -> str:
    """What names in a memory begin with; that of all wards has the bare names."""
    if wards is None:
        return ""
    return hashlib.sha256(json.dumps(sorted(wards)).encode()).hexdigest()[:16] + "/"
