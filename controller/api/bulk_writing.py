"""What one export writes of each patient: whole lists of most types, of readings piece by piece.

A piece of readings is one thing for `_since`: it comes whole when any reading of it became another.
"""

import asyncio
import hashlib
from typing import Any

import orjson

from controller.api.bulk_files import Files
from controller.api.bulk_jobs import Job, Jobs
from controller.api.bulk_observations import Piece, pieces, resources
from controller.api.bulk_resources import OBSERVATION, Resources
from controller.api.bulk_seen import Seen
from controller.errors import ControllerError

PIECES = 50
"""Pieces between two looks whether the export is still wanted, and whether there is room for it."""
_SHARED = "Device"
"""Of this type there is one for several patients: it is written once."""


class Unwanted(ControllerError):
    """Nobody wants the export any more, or it may not be had."""


class Writing:
    """Of one job, into `files`."""

    def __init__(self, jobs: Jobs, job: Job, found: Resources, files: Files) -> None:
        self.files = files
        self._jobs, self._job, self._found = jobs, job, found
        self._seen = Seen(jobs, job)
        self._written: set[str] = set()
        self._pieces = 0

    async def check(self) -> None:
        """Raises Unwanted; NoRoom: the disk has no room for more."""
        if not await self._jobs.is_wanted(self._job):
            raise Unwanted(f"export {self._job.id} is not wanted any more")
        await asyncio.to_thread(self.files.check_room)

    async def of(self, patient: str) -> bool:
        """Whether there was anything of the patient."""
        has_any = False
        for kind in self._job.asked.types:
            if kind == OBSERVATION:
                has_any |= await self._readings(patient)
            else:
                has_any |= await self._all(kind, patient)
        await self._seen.settle()
        return has_any

    async def _all(self, kind: str, patient: str) -> bool:
        wanted = list[bytes]()
        for name, line in [_line(one) for one in await self._found.of(kind, patient)]:
            if kind == _SHARED and name in self._written:
                continue
            if await self._seen.is_wanted(kind, name, hashlib.sha256(line).digest()):
                wanted.append(line)
            if kind == _SHARED:
                self._written.add(name)
        self._add(kind, wanted)
        return bool(wanted)

    async def _readings(self, patient: str) -> bool:
        has_any = False
        async for piece in pieces(self._jobs.store, patient):
            lines, digest = await asyncio.to_thread(self._lines, piece, patient)
            if await self._seen.is_wanted(OBSERVATION, piece.name, digest):
                await asyncio.to_thread(self._add, OBSERVATION, lines)
                has_any = True
            self._pieces += 1
            if self._pieces % PIECES == 0:
                await self.check()
        return has_any

    def _lines(self, piece: Piece, patient: str) -> tuple[list[bytes], bytes]:
        lines = [_line(one)[1] for one in resources(piece.rows, patient, self._found.to_utc_ms)]
        return lines, hashlib.sha256(b"".join(lines)).digest()

    def _add(self, kind: str, lines: list[bytes]) -> None:
        for line in lines:
            self.files.add(kind, line)


def _line(resource: dict[str, Any]) -> tuple[str, bytes]:
    line = orjson.dumps(resource) + b"\n"
    return str(resource.get("id") or hashlib.sha256(line).hexdigest()), line
