"""What the plug-ins' process does: it asks what is new, and has one thing at a time looked at."""

import asyncio
import base64
import json
import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

from controller.errors import StoreError
from controller.imaging.errors import GoneMeanwhile, PluginFailed, ServiceSilent
from controller.imaging.plugins.model import Finding, finding_of
from controller.imaging.plugins.queue import Found, Job, Queue
from controller.imaging.plugins.running import Runner
from controller.imaging.plugins.source import Source

PERIOD_S: Final = 2.0
"""Between two questions for what is new."""
TIDY_S: Final = 3600.0
AGAIN_S: Final = 10.0
"""After an archive or a database that did not answer."""

log = logging.getLogger(__name__)


class Looking:
    """See the module."""

    def __init__(self, queue: Queue, sources: Iterable[Source], runner: Runner) -> None:
        self._queue = queue
        self._sources = {one.name: one for one in sources}
        self._silent = set[str]()
        """Sources that did not answer: what waits of them holds up nothing else."""
        self._runner = runner

    async def run(self, period_s: float = PERIOD_S, again_s: float = AGAIN_S) -> None:
        """Until cancelled. Raises StoreError: the queue cannot be kept."""
        loop, tidied = asyncio.get_running_loop(), -TIDY_S
        while True:
            if loop.time() - tidied > TIDY_S:
                await self._queue.tidy()
                tidied = loop.time()
            await self.ask()
            while await self.look():
                pass
            await asyncio.sleep(again_s if self._silent else period_s)

    async def ask(self) -> None:
        """Queue what is new. Raises StoreError."""
        self._silent.clear()
        for source in self._sources.values():
            try:
                await self._ask(source)
            except (ServiceSilent, StoreError) as error:
                self._wait_for(source.name, error)

    async def _ask(self, source: Source) -> None:
        before = await self._queue.mark(source.name)
        while True:
            after, new = await source.new(before)
            await self._queue.add(source.name, after, new)
            if after == before or (before is None and not new):
                return
            before = after

    def _wait_for(self, source: str, error: Exception) -> None:
        self._silent.add(source)
        log.warning("plug-ins wait for %s: %s", source, error)

    async def look(self) -> bool:
        """Look at the oldest whose source answers. Gives whether there was one. Raises StoreError."""
        job = await self._queue.next(self._silent)
        if job is None:
            return False
        try:
            await self._finish(job)
        except (ServiceSilent, StoreError) as error:
            await self._queue.again(job)
            self._wait_for(job.source, error)
        except GoneMeanwhile as error:
            await self._queue.done(job, [], str(error))
        except PluginFailed as error:
            again = await self._queue.failed(job, str(error))
            what = "trying once more" if again else "given up"
            log.error("plug-in %s, job %d: %s; %s", job.plugin, job.id, error, what)
        return True

    async def _finish(self, job: Job) -> None:
        source = self._sources[job.source]
        content = await source.content(job)
        told = await self._runner.look(job, content.data)
        if "unreadable" in told:
            await self._queue.done(job, [], f"not looked at: {told['unreadable']}")
            return
        findings, report = _read(told)
        await source.tell(job, findings, report)
        kept = [
            Found(json.dumps(one), content.patient, content.bed, content.at_us) for one in told["findings"]
        ]
        await self._queue.done(job, kept)


def _read(told: Mapping[str, Any]) -> tuple[list[Finding], bytes]:
    """Raises PluginFailed."""
    try:
        findings = [finding_of(one) for one in told["findings"]]
        return findings, base64.b64decode(told.get("report", ""), validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise PluginFailed(f"what it found cannot be read ({type(error).__name__})") from error
