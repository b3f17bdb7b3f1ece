"""The ways of one controller to the databases and the brokers, each of which can be shut: a cut network.

async with Cut(databases=[5432, 5433], brokers=[8883]) as cut:
    cut.way                            # what the controller is configured with
    cut.databases[0].shut(); cut.brokers[0].shut()

They are relays in user space, so that nobody has to be root. A shut one keeps connections as they are, half
open, and loses nothing: all that waited passes once it is open again, as late as that.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from controller.ports import free_port
from hil.cluster.layout import Way
from hil.faults.gate import Gate


def at(ports: Sequence[int]) -> str:
    """The URL of the database whose servers are at these ports: whichever takes writes."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://postgres@{hosts}/wardlink?target_session_attrs=read-write"


class Cut:
    """To the servers at the ports `databases` and `brokers`."""

    def __init__(self, databases: Sequence[int], brokers: Sequence[int]) -> None:
        self.databases, self.brokers = _gates(databases), _gates(brokers)
        self._stack = AsyncExitStack()

    @property
    def way(self) -> Way:
        """For the controller's configuration."""
        return Way(at([one.port for one in self.databases]), [one.port for one in self.brokers])

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for gate in (*self.databases, *self.brokers):
                await stack.enter_async_context(gate)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()


def _gates(ports: Sequence[int]) -> list[Gate]:
    return [Gate(port, free_port("127.0.0.1", 0, "a gate")) for port in ports]
