"""The node for digital inputs: what `devices/codecs/node/inputs.py` says that it sends. Pure.

reports = Reports(wired, boot, now_ms)
reports.update(seen, now_ms)            # at least every 20 ms: the contacts, by bit
reports.receive(data)
frame = reports.to_send(now_ms)
"""

from devices.codecs.node import wire
from firmware.core.frame import Frames, made
from firmware.hal.contacts import Contacts

KEPT = 64
FRESH_MS = 5000
AGAIN_MS = 1000


class Reports:
    """Reports of the `wired` contacts; the newest 64 are kept until acknowledged. `boot` names this boot."""

    def __init__(self, wired: int, boot: int, now_ms: int) -> None:
        self._wired = wired
        self._boot = boot
        self._began = now_ms
        self._contacts = Contacts()
        self._frames = Frames()
        self._sequence = 0
        self._kept = []
        self._unsent = 0
        self._made_ms = self._sent_ms = now_ms

    def update(self, seen: int, now_ms: int) -> None:
        """Take the contacts."""
        changed = self._contacts.update(seen, now_ms)
        if changed or (self._contacts.active is not None and now_ms - self._made_ms >= FRESH_MS):
            self._made_ms = now_ms
            self._sequence += 1
            self._kept.append((self._sequence, now_ms, self._contacts.active))
            if len(self._kept) > KEPT:
                self._kept.pop(0)

    def receive(self, data: bytes) -> None:
        """Take bytes of the host: what it acknowledges is forgotten, and the next goes."""
        for item in self._frames.feed(data):
            number = item.get(wire.SEQUENCE)
            if item.get(wire.KIND) == wire.ACKNOWLEDGE and item.get(wire.BOOT) == self._boot and number:
                self._kept = [one for one in self._kept if one[0] > number]
                self._unsent = max(self._unsent, number)

    def to_send(self, now_ms: int) -> bytes:
        """A report that was never sent; or the oldest again, if nobody acknowledged it for a second."""
        for one in self._kept:
            if one[0] > self._unsent:
                return self._report(one, now_ms)
        if self._kept and now_ms - self._sent_ms >= AGAIN_MS:
            return self._report(self._kept[0], now_ms)
        return b""

    def _report(self, kept: tuple, now_ms: int) -> bytes:
        number, at_ms, active = kept
        self._sent_ms = now_ms
        self._unsent = max(self._unsent, number)
        return made(
            {
                wire.KIND: wire.REPORT,
                wire.SEQUENCE: number,
                wire.BOOT: self._boot,
                wire.OLDEST: self._kept[0][0],
                wire.AT_MS: at_ms - self._began,
                wire.NOW_MS: now_ms - self._began,
                wire.KNOWN: self._wired,
                wire.ACTIVE: active & self._wired,
            }
        )
