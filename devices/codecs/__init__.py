"""Codecs: one protocol each, sans-IO. Bytes and time in, readings out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Protocol, TypeGuard, runtime_checkable

from devices.model.observation import DeviceEvent, Instant, Reading, Waveform

if TYPE_CHECKING:
    from devices.codecs.node.update import Update
    from devices.codecs.robot_vehicle import RobotVehicle

Said = Reading | Waveform | DeviceEvent
"""What a codec hands out."""


class Codec(Protocol):
    """One device's protocol, without its port.

    The same object runs under a real port, a test, a fuzzer, a capture and the simulators.
    """

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take what arrived at `now`; give what it completes. Never raises on bad bytes: they are counted."""
        ...

    def data_to_send(self) -> bytes:
        """Bytes that the device is owed (format selection, keep-alive). Taking them clears them."""
        ...

    def next_timer(self) -> Instant | None:
        """When `handle_timer` wants to be called, or None."""
        ...

    def handle_timer(self, now: Instant) -> list[Said]:
        """Time has reached `next_timer()`."""
        ...


@runtime_checkable
class JournalledCodec(Codec, Protocol):
    """A codec that owes its device an answer, or remembers something, only once the journal has what it said.

    An acknowledgement lets a device forget: it may go only when what it acknowledges is on disk.
    """

    def awaits_journal(self) -> bool:
        """Whether `journalled` is waited for; asked after each `receive_data` and `handle_timer`."""
        ...

    def journalled(self, now: Instant) -> None:
        """Everything handed out so far is on disk: `data_to_send` may now give what waited for it."""
        ...


def journals(codec: Codec) -> TypeGuard[JournalledCodec]:
    """Whether `codec` waits for the journal. (An `isinstance` looks at every method, at every arrival.)"""
    return _journals(type(codec))


@cache
def _journals(kind: type[Codec]) -> bool:
    return hasattr(kind, "awaits_journal")


def _unknown(_at: Instant) -> datetime | None:
    return None


@dataclass(frozen=True, slots=True)
class Wheeled:
    """What a robot base cannot tell of itself: its serial number, and how far apart its wheels are."""

    serial_number: str
    wheel_base_mm: int


@dataclass(frozen=True, slots=True)
class Host:
    """What a codec may know of the host it runs on."""

    local_time: Callable[[Instant], datetime | None] = _unknown
    """The wall clock's local time, with its UTC offset, at an instant; None: the host does not know it."""
    memory: dict[str, int] = field(default_factory=dict[str, int])
    """Small numbers that this device's codecs remember over connections and restarts: the last sequence
    number fetched. It is saved after `journalled`: only what is on disk is remembered as fetched."""
    errands: list["Update"] = field(default_factory=list["Update"])
    """What the host has for the device: an update of its firmware. The first is under way."""
    wheeled: Wheeled | None = None
    """The robot that the device is to be; None: it is only listened to."""
    robots: list["RobotVehicle"] = field(default_factory=list["RobotVehicle"])
    """That robot, of the connection that there is, or was last."""
