"""`kill -9` of a stack's processes, with their supervisors' own word that it was deadly.

killer = Killer(stack, told)
death = await killer.kill("gateway")
await killer.replaced(death)
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import psutil

from hil.errors import NotReady
from hil.stack import Stack
from hil.until import until

VICTIMS = ("gateway", "controller", "broker")
_WORD_S = 5.0
_BROKER_DIED = re.compile(r"the broker ended with status -9 ")


@dataclass(frozen=True, slots=True)
class Death:
    """Process `pid` was killed, which was the part `name`; `proven` by its supervisor."""

    name: str
    pid: int
    proven: bool


@dataclass(frozen=True, slots=True)
class Killer:
    """Kills parts of `stack`; `told` grows with what the stack tells."""

    stack: Stack
    told: Sequence[str]

    def process(self, name: str) -> psutil.Process | None:
        """The process that is the part `name` now, if there is one."""
        pid = self.stack.gateway.pid if name == "gateway" else self.stack.controller.pid
        try:
            found = psutil.Process(pid) if pid else None
            return _broker_of(found) if found and name == "broker" else found
        except psutil.NoSuchProcess:
            return None

    def deaths(self, name: str) -> int:
        """How often the part's supervisor has said that it was killed."""
        if name == "broker":
            log = self.stack.controller.log.read_text(encoding="utf-8", errors="replace")
            return len(_BROKER_DIED.findall(log))
        return sum(line.startswith(f"{name} ended (killed by signal 9)") for line in self.told)

    async def kill(self, name: str) -> Death:
        """Kill the part `name`, which is waited for if it is just not there. Raises NotReady."""
        await until(f"{name} is there", lambda: self.process(name) is not None)
        victim = self.process(name)
        if victim is None:
            raise NotReady(f"{name} went before it could be killed")
        before = self.deaths(name)
        victim.kill()
        await until(f"{name} {victim.pid} is gone", lambda: not _lives(victim))
        return Death(name, victim.pid, await self._is_told(name, before))

    async def replaced(self, death: Death) -> None:
        """Wait until another process has the part. Raises NotReady."""

        def holds() -> bool:
            now = self.process(death.name)
            return now is not None and now.pid != death.pid

        await until(f"{death.name} is there again", holds)

    async def _is_told(self, name: str, before: int) -> bool:
        try:
            await until(f"{name}'s supervisor tells", lambda: self.deaths(name) > before, _WORD_S)
        except NotReady:
            return False
        return True


def _broker_of(controller: psutil.Process) -> psutil.Process | None:
    children = controller.children(recursive=True)
    return next((child for child in children if child.name() == "nats-server"), None)


def _lives(victim: psutil.Process) -> bool:
    try:
        return victim.is_running() and victim.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
