"""What the controller needs of its message broker, whichever it is.

`Broker` (controller/broker.py) is a child process of the controller; `ExternalBroker`
(controller/external_broker.py) is the hospital's own, at `[mqtt] url`; `Member` (cluster/member.py) is one of
ours on another host. `Brokers` are several, of which any one is enough.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class AnyBroker(Protocol):
    """Where it is, and who may do what there."""

    ca: Path
    """The authority's folder (controller/identity/files.py): what its clients trust and show."""
    host: str
    port: int
    own: bool
    """Whether it is started and ended by the controller, so that it is there whenever the controller is."""
    again_s: float
    """How long to wait before the next attempt to connect, in seconds."""

    @property
    def url(self) -> str:
        """Where clients connect, mqtts://HOST:PORT."""
        ...

    def prepare(self) -> None:
        """Whatever has to be done before `host` and `port` hold. Raises ControllerError."""
        ...

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """Let exactly these in, soon: the controller, and gateways by the names in their certificates.

        Who is not among them any more is disconnected.
        """
        ...

    def reload(self) -> None:
        """The controller's certificates are new ones."""
        ...

    async def run(self) -> None:
        """Keep it working until cancelled."""
        ...


class Brokers:
    """Several, none of them run by the controller, to the controller's parts as one."""

    own = False

    def __init__(self, all_: Sequence[AnyBroker]) -> None:
        self.all = tuple(all_)
        first = self.all[0]
        self.ca, self.host, self.port, self.again_s = first.ca, first.host, first.port, first.again_s

    @property
    def url(self) -> str:
        """Of the first."""
        return self.all[0].url

    def prepare(self) -> None:
        """See AnyBroker."""
        for one in self.all:
            one.prepare()

    def configure(self, controller: str, gateways: Mapping[str, str]) -> None:
        """See AnyBroker."""
        for one in self.all:
            one.configure(controller, gateways)

    def reload(self) -> None:
        """See AnyBroker."""
        for one in self.all:
            one.reload()

    async def run(self) -> None:
        """See AnyBroker."""
        async with asyncio.TaskGroup() as group:
            for one in self.all:
                group.create_task(one.run())


def each(broker: AnyBroker) -> tuple[AnyBroker, ...]:
    """The brokers that it consists of."""
    return broker.all if isinstance(broker, Brokers) else (broker,)
