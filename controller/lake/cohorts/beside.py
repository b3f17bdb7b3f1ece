"""Cohorts' questions beside a running controller: one at a time, each in a process of its own.

asker = Asker(folder)
found = await asker.found(definition)
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pydantic import TypeAdapter

from controller.child import guarded
from controller.errors import LakeError
from controller.lake import manifest as manifests
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.cohorts.found import Found, Member
from controller.lake.manifest import Manifest

LONGEST_S = 300.0
"""Seconds that a question may take."""
_FOUND = TypeAdapter(Found)
_MEMBERS = TypeAdapter(list[Member])


class Asker:
    """Of one lake."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._alone = asyncio.Lock()

    def manifest(self) -> Manifest | None:
        """The lake as it is now; None: there is none. Raises LakeError."""
        return manifests.read(self._folder)

    async def found(self, definition: CohortDefinition) -> Found:
        """What the lake says. Raises LakeError: it cannot be asked, or takes too long."""
        return _FOUND.validate_json(await self._ask(definition, members=False))

    async def members(self, definition: CohortDefinition) -> list[Member]:
        """Who matches. Raises LakeError."""
        return _MEMBERS.validate_json(await self._ask(definition, members=True))

    async def _ask(self, definition: CohortDefinition, *, members: bool) -> bytes:
        told = {"definition": definition.model_dump(by_alias=True), "members": members}
        # One that is killed does not take away what did not fit into its memory: we do.
        async with self._alone:
            with TemporaryDirectory(prefix="wardlink-cohort-") as spilled:
                return await _answered(self._folder, told, {**os.environ, "TMPDIR": spilled})


async def _answered(folder: Path, told: dict[str, Any], env: dict[str, str]) -> bytes:
    pipe = asyncio.subprocess.PIPE
    command = guarded([sys.executable, "-m", "controller.lake.cohorts.child", str(folder)])
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe, env=env)
    try:
        out, err = await asyncio.wait_for(process.communicate(json.dumps(told).encode()), LONGEST_S)
    except TimeoutError:
        raise LakeError(f"no answer within {LONGEST_S:.0f} s: ask for fewer days or conditions") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise LakeError(err.decode().strip().rpartition("\n")[2] or "the question was not answered")
    return out
