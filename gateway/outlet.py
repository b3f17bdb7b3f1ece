"""Where a device's link hands over what the device said: judged, put on its lanes, watched by the alarms.

outlet = DeviceOutlet(session, gather, keeper, clock, raise_, folder)
outlet(said)              # on its way to the journal
await outlet.kept()       # it is there: the device may be told so
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devices.codecs import Host, Said
from devices.model.observation import Alert, Record
from gateway.alarms.alarm import Who as AtDevice
from gateway.alarms.technical import Alarms
from gateway.clock import Clock
from gateway.errors import LinkError, NotKept
from gateway.gather import Gather, Who
from gateway.journal.keeper import Keeper
from gateway.memory import load_memory, save_memory
from gateway.session import Session

Raise = Callable[[Who, Iterable[Alert]], None]


@dataclass(slots=True)
class DeviceOutlet:
    """The `Outlet` of one device. `folder` holds the memories of all devices."""

    session: Session
    gather: Gather
    keeper: Keeper
    clock: Clock
    alarms: Alarms
    raise_: Raise
    folder: Path
    heard: Callable[[AtDevice, Record], None]
    """Looks whether a patient's alarm begins or ends with it."""
    host: Host = field(init=False)
    _saved: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        memory = load_memory(self.folder, self.session.device)
        self.host = Host(self.clock.local_time, memory, self.session.errands, self.session.wheeled)
        self._saved = dict(self.host.memory)

    def __call__(self, said: Sequence[Said]) -> None:
        """Take what the device said, in order."""
        now = self.clock.now()
        if self.keeper.tracer is not None:
            self.keeper.tracer.handed(said, now)
        for lane, record in self.session.take(said):
            self.gather.put(lane, self.session.who, record, now)
            self.heard(self.session.who, record)
        for one in said:
            self.raise_(self.session.who, self.alarms.said(self.session.device, one))
        self.keeper.put_in()

    async def kept(self) -> None:
        """Wait until all of it is on disk. Raises LinkError if some of it was given up."""
        try:
            await self.keeper.kept()
        except NotKept as error:
            raise LinkError("not-kept", f"the device is not told that its data are safe: {error}") from error

    async def remember(self) -> None:
        """Save the device's memory if it changed. Raises LinkError if that fails."""
        if self.host.memory == self._saved:
            return
        memory = dict(self.host.memory)
        try:
            await asyncio.to_thread(save_memory, self.folder, self.session.device, memory)
        except OSError as error:
            raise LinkError("not-kept", f"{self.folder}: {error}: check rights and space there") from error
        self._saved = memory
