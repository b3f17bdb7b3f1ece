"""Codecs: one protocol each, sans-IO. Bytes and time in, readings out."""

from typing import Protocol

from devices.model.observation import DeviceEvent, Instant, Reading, Waveform

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
