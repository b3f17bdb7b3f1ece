"""Does the jobs of Bulk Data, one after the other: a job that was cut off is begun again from nothing.

Files are written in `bulk/ID.new`, fsynced, and the folder is renamed before the job is completed in the
store: nothing is listed that is not whole.
"""

import asyncio
import logging
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import orjson
from aiohttp import web

from controller.api.bulk_files import Files, publish
from controller.api.bulk_jobs import Job, Jobs, JobState
from controller.api.bulk_resources import Resources
from controller.api.bulk_writing import Unwanted, Writing
from controller.api.context import CONTEXT
from controller.errors import ControllerError, NotFound, StoreError
from controller.imaging.errors import ServiceRefused, ServiceSilent
from controller.kept import kept
from controller.shards.duty import only

LOOKED_S = 60
"""For what has expired."""
AT_ONCE = 25
"""Patients between two looks whether the job is still wanted."""
MOST_TRIES = 3
"""A job that stops the work so often is given up: the others wait behind it."""
_PATIENTS = "SELECT identifier FROM patient UNION SELECT identifier FROM stay ORDER BY 1"
_OF_WARDS = """SELECT identifier FROM patient WHERE ward IN (SELECT value FROM json_each(:wards))
UNION SELECT identifier FROM stay JOIN bed ON bed.id = stay.bed
WHERE to_ms IS NULL AND ward IN (SELECT value FROM json_each(:wards)) ORDER BY 1"""
_DIGITS = 32
"""Of a job's id: what else is called otherwise, and is not ours."""
_HELD = "SELECT id FROM bulk_job WHERE state IN ('accepted', 'completed')"

log = logging.getLogger(__name__)


class Bulk:
    """The jobs and their files; `wake` says that there is a new one."""

    def __init__(self, app: web.Application) -> None:
        self._app = app
        parts = app[CONTEXT]
        self.jobs = Jobs(parts.store, parts.clock)
        self.folder = parts.store.folder / "bulk"
        self._news = asyncio.Event()
        self._tries = Counter[str]()
        """By job, how often it stopped the work by what nobody foresaw."""

    def wake(self) -> None:
        """There is something to do."""
        self._news.set()

    def path(self, job: Job, file: str) -> Path:
        """Of a file that the job lists. Raises NotFound."""
        if file not in {one.file for one in job.output}:
            raise NotFound(f"there is no file {file!r:.60} of this export: see its manifest")
        return self.folder / job.id / file

    async def cancel(self, job: Job) -> None:
        """Nobody wants it any more: its files go."""
        await self.jobs.end(job, JobState.CANCELLED)
        await asyncio.to_thread(self._remove, job)

    async def run(self) -> None:
        """Until cancelled."""
        await self._sweep()
        while True:
            self._news.clear()
            while job := await self.jobs.next():
                await self._do(job)
            for job in await self.jobs.beyond():
                await self.jobs.end(job, JobState.EXPIRED)
                await asyncio.to_thread(self._remove, job)
            try:
                await asyncio.wait_for(self._news.wait(), LOOKED_S)
            except TimeoutError:
                continue

    async def _do(self, job: Job) -> None:
        if self._tries[job.id] >= MOST_TRIES:
            return await self._fail(job, "the controller cannot make it, see its log")
        self._tries[job.id] += 1
        try:
            await self._write(job)
        except (StoreError, asyncio.CancelledError):
            self._tries[job.id] -= 1  # not the job's doing
            raise
        except Unwanted:
            await self._give_up(job)
        except (ControllerError, ServiceRefused, ServiceSilent, OSError) as error:
            await self._fail(job, str(error))
        del self._tries[job.id]
        return None

    async def _fail(self, job: Job, why: str) -> None:
        log.error("export %s failed: %s", job.id, why)
        await asyncio.to_thread(self._remove, job)
        if await self.jobs.is_wanted(job):
            await self.jobs.end(job, JobState.FAILED, why)
        else:
            await self._give_up(job)

    async def _write(self, job: Job) -> None:
        beside = self.folder / f"{job.id}.new"
        await asyncio.to_thread(self._remove, job)
        beside.mkdir(parents=True, mode=0o700)
        resources = Resources(self._app, job.asked.actor, await self.jobs.to_utc_ms())
        writing = Writing(self.jobs, job, resources, Files(beside))
        patients, whose = await self._patients(job), list[str]()
        for number, patient in enumerate(patients):
            if number % AT_ONCE == 0:
                await writing.check()
                await self.jobs.progress(job, number, len(patients))
            if await writing.of(patient):
                whose.append(patient)
        output = await asyncio.to_thread(writing.files.close)
        await asyncio.to_thread(publish, beside, self.folder / job.id)
        await self.jobs.complete(job, output, whose)

    async def _give_up(self, job: Job) -> None:
        """Cancelled, or its token was revoked: it is not finished for somebody who may not have it."""
        await asyncio.to_thread(self._remove, job)
        rows = await self.jobs.store.read("SELECT state FROM bulk_job WHERE id = ?", (job.id,))
        if rows[0]["state"] == JobState.ACCEPTED:
            await self.jobs.end(job, JobState.CANCELLED, "its token is revoked or has expired")

    async def _patients(self, job: Job) -> list[str]:
        """Whose resources the job has: of a group those of the ward; never beyond the token's wards."""
        wards = job.asked.whose
        if wards is None:
            rows = await self.jobs.store.read(_PATIENTS)
        else:
            rows = await self.jobs.store.read(_OF_WARDS, {"wards": orjson.dumps(sorted(wards)).decode()})
        return [row["identifier"] for row in rows]

    def _remove(self, job: Job) -> None:
        for folder in (self.folder / job.id, self.folder / f"{job.id}.new"):
            if folder.exists():
                shutil.rmtree(folder)

    async def _sweep(self) -> None:
        """Files of which a kill came between the last word on the export and their end: nobody can fetch
        them, and they are patients' data."""
        rows = await self.jobs.store.read(_HELD)
        await asyncio.to_thread(self._remove_all_but, {row["id"] for row in rows})

    def _remove_all_but(self, held: set[str]) -> None:
        for folder in filter(Path.is_dir, self.folder.glob("*")):
            number = folder.name.removesuffix(".new")
            if len(number) == _DIGITS and number not in held:
                shutil.rmtree(folder)


BULK: web.AppKey[Bulk] = web.AppKey("bulk", Bulk)


def add_bulk(app: web.Application) -> None:
    """After everything that it makes resources of."""
    app[BULK] = Bulk(app)
    app.cleanup_ctx.append(_kept_bulk)


async def _kept_bulk(app: web.Application) -> AsyncIterator[None]:
    async with kept("bulk data", only(app, app[BULK].run)):
        yield
