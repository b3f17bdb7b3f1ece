"""One look of a plug-in in a process of its own (worker.py), which is ended when it takes too long."""

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any, Final

from controller.imaging.errors import PluginFailed
from controller.imaging.plugins.queue import Job

WORKER: Final = (sys.executable, "-m", "controller.imaging.plugins.worker")
LONGEST_S: Final = 120.0
_MOST_SAID: Final = 200


class Runner:
    """Runs looks, one process each. `worker`: the command, to which name, kind and time are added."""

    def __init__(self, worker: Sequence[str] = WORKER, longest_s: float = LONGEST_S) -> None:
        self._worker = tuple(worker)
        self._longest_s = longest_s

    async def look(self, job: Job, content: bytes) -> dict[str, Any]:
        """What the worker answers. Raises PluginFailed: it crashed, hung, or answered nonsense."""
        process = await asyncio.create_subprocess_exec(
            *(*self._worker, job.plugin, job.kind, str(job.utc_us)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self._longest_s):
                out, said = await process.communicate(content)
        except TimeoutError:
            raise PluginFailed(f"it did not answer within {self._longest_s:g} s and was ended") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise PluginFailed(f"it ended with status {process.returncode}{_kind_of_error(said)}")
        return _answer(out)


def _answer(out: bytes) -> dict[str, Any]:
    try:
        told = json.loads(out)
    except ValueError:
        told = None
    if not isinstance(told, dict) or not ({"findings", "unreadable"} & told.keys()):
        raise PluginFailed("it ended without an answer that can be read")
    return told


def _kind_of_error(said: bytes) -> str:
    """The name of the exception alone: what else it says may be of a patient."""
    last = said.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
    return f" ({last[:_MOST_SAID]})" if last.isidentifier() or "." in last else ""
