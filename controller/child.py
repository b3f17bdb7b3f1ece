"""A process of ours that is kept running, and that the kernel ends when the controller ends.

child = Child("the broker", lambda: guarded(["nats-server", "-c", str(config)]))
await child.run()                    # until cancelled
"""

import asyncio
import logging
import shutil
from collections.abc import Callable, Sequence

from controller.errors import ChildError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 10.0
LIVED_S = 30.0
"""A child that ran this long had started well: the next restart is quick again."""
END_S = 5.0
"""How long it may take to end before it is killed."""

log = logging.getLogger(__name__)


class Child:
    """One process at a time; `name` is how people are told of it, `see` where it says what went wrong."""

    def __init__(self, name: str, command: Callable[[], Sequence[str]], see: str = "the log") -> None:
        self.starts = 0
        self._name = name
        self._command = command
        self._see = see
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def run(self) -> None:
        """Keep it running until cancelled, then end it. `command` is asked before each start.

        Raises ChildError when it cannot be started at all.
        """
        wait = FIRST_WAIT_S
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            status = await self._run_once()
            wait = FIRST_WAIT_S if loop.time() - began > LIVED_S else wait
            log.error("%s ended with status %d (see %s); starting it again", self._name, status, self._see)
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT_S)

    async def _run_once(self) -> int:
        command = self._command()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
            )
        except OSError as error:
            raise ChildError(f"{self._name} cannot be started: {error}; is it installed?") from error
        self.starts += 1
        log.info("%s runs as process %d", self._name, self._process.pid)
        try:
            return await self._process.wait()
        finally:
            await _end(self._process)


def guarded(command: Sequence[str]) -> list[str]:
    """`command` so that the kernel ends it with the process that starts it (setpriv of util-linux)."""
    tool = shutil.which("setpriv")
    return [tool, "--pdeathsig", "KILL", "--", *command] if tool else [*command]


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), END_S)
    except TimeoutError:
        process.kill()
        await process.wait()
