"""Does commands: each once, in time, and says in the journal what became of it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from devices.errors import BadOrder
from devices.model.observation import DeviceEvent, EventKind
from devices.model.orders import IDENTIFY, REBIRTH, SET_LOG_LEVEL, TIMELESS, UPDATE_NODE, check_command
from devices.wire.orders import Command, Outcome, read_command
from gateway.clock import Clock
from gateway.errors import GatewayError, NotKept, OrderRefused
from gateway.orders.done import DoneFile

Tell = Callable[[DeviceEvent], Awaitable[None]]
"""Puts an event of the gateway itself into the journal, and waits until it is there. Raises NotKept."""
Do = Callable[[Mapping[str, str | int]], Awaitable[None]]

_AGAIN = {UPDATE_NODE: ": ask once more, and the node goes on where it was"}
"""What helps with commands that were interrupted."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Commands:
    """Those of the gateway named `gateway`. `set_level` sets how much the log says, until the next start."""

    gateway: str
    clock: Clock
    done: DoneFile
    tell: Tell
    set_level: Callable[[str], None]
    slow: Mapping[str, Do] = field(default_factory=dict[str, Do])
    """Further commands, which take their time: each is done beside whatever else comes."""
    count: int = 0
    """How many were done."""
    repeated: int = 0
    """How often one came that had come before."""
    _interrupted: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    _under_way: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    def load(self) -> None:
        """Remember what earlier starts did."""
        self._interrupted = self.done.load()

    async def tell_interrupted(self) -> None:
        """Say which commands an earlier start began and did not live to say more of. Raises NotKept."""
        while self._interrupted:
            number, name = self._interrupted[0]
            why = "the gateway ended in the middle" + _AGAIN.get(name, "")
            await self._tell(number, name, Outcome.INTERRUPTED, why)
            self._interrupted.pop(0)

    async def take(self, payload: bytes, rebirth: Callable[[], Awaitable[None]]) -> None:
        """Do the verified command in `payload`, if it is for this gateway, in time and new.

        Raises WireError, OrderRefused; NotKept where its result did not reach the journal.
        """
        command = read_command(payload)
        if command.gateway != self.gateway:
            raise OrderRefused("other-gateway", f"a command for {command.gateway}")
        if command in self.done:
            self.repeated += 1
            return
        utc_us = self.clock.block_clock().utc_us
        if utc_us is not None and utc_us > command.expires_us:
            raise OrderRefused("expired", f"{command.name} of {command.issuer} expired: the clocks differ?")
        await self._do(command, utc_us, self._doers(command, rebirth))

    def end(self) -> None:
        """The gateway stops: what is under way is told by the next start."""
        for task in self._under_way:
            task.cancel()

    async def _do(self, command: Command, utc_us: int | None, doers: Mapping[str, Do]) -> None:
        try:
            check_command(command.name, command.arguments)
            if utc_us is None and command.name not in TIMELESS:
                raise BadOrder("clock", "this gateway does not know the time, nor whether it has expired")
            await asyncio.to_thread(self.done.begin, command, utc_us)
        except (BadOrder, OrderRefused) as error:
            await self._said(command, Outcome.REFUSED, str(error))
        except OSError as error:
            await self._said(command, Outcome.REFUSED, f"it cannot be remembered: {error.strerror}")
        else:
            if command.name in self.slow:
                self._do_beside(command, self.slow[command.name])
            else:
                await self._do_begun(command, doers[command.name])

    async def _do_begun(self, command: Command, do: Do) -> None:
        outcome, why = Outcome.INTERRUPTED, ""
        try:
            await do(_with_issuer(command))
            self.count += 1
            outcome = Outcome.DONE
        except GatewayError as error:
            outcome, why = Outcome.FAILED, str(error)
        finally:
            await self._said(command, outcome, why)

    def _do_beside(self, command: Command, do: Do) -> None:
        """Receipts come by the same connection: they do not wait until it is done."""

        async def doing() -> None:
            outcome, why = Outcome.DONE, ""
            try:
                await do(_with_issuer(command))
                self.count += 1
            except OrderRefused as error:
                outcome, why = Outcome.REFUSED, str(error)
            except GatewayError as error:
                outcome, why = Outcome.FAILED, str(error)
            try:
                await self._said(command, outcome, why)
            except NotKept as error:
                log.error("what became of %s is told by the next start: %s", command.name, error)

        task = asyncio.create_task(doing(), name=command.name)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _said(self, command: Command, outcome: Outcome, why: str) -> None:
        log.info("%s of %s: %s %s", command.name, command.issuer, outcome, why)
        await self._tell(command.id.hex(), command.name, outcome, why)

    def _doers(self, command: Command, rebirth: Callable[[], Awaitable[None]]) -> Mapping[str, Do]:
        async def born(_: Mapping[str, str | int]) -> None:
            await rebirth()

        async def identify(_: Mapping[str, str | int]) -> None:
            log.warning("%s asks which box is %s: it is this one", command.issuer, self.gateway)

        async def level(arguments: Mapping[str, str | int]) -> None:
            self.set_level(str(arguments["level"]))

        return {REBIRTH: born, IDENTIFY: identify, SET_LOG_LEVEL: level}

    async def _tell(self, number: str, name: str, outcome: Outcome, why: str) -> None:
        reason = {"why": why[:200]} if why else {}
        detail: dict[str, str | int] = {"id": number, "name": name, "outcome": str(outcome), **reason}
        await self.tell(DeviceEvent(EventKind.COMMAND, self.clock.now(), detail))
        try:
            await asyncio.to_thread(self.done.told, number)
        except OSError as error:
            log.warning("%s: not written: %s: its result may be told twice", self.done.path, error)


def _with_issuer(command: Command) -> Mapping[str, str | int]:
    """The arguments, and `by` whom: who issued it, where it does not say that itself."""
    return {"by": command.issuer, **command.arguments}
