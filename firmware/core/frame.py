"""Frames as they come: the maps in a stream of bytes. How one is made: `wire.frame`."""

from devices.codecs.node import wire
from firmware.core import cbor


def made(item: dict) -> bytes:
    """The frame of a map."""
    return wire.frame(cbor.dumps(item))


class Frames:
    """Finds the maps that the host sends. `bad` counts the frames that were none."""

    def __init__(self) -> None:
        self.bad = 0
        self._rest = b""

    def feed(self, data: bytes) -> list:
        """The maps that `data` completes."""
        parts = (self._rest + data).split(b"\0")
        self._rest = parts.pop()[-wire.MAX_FRAME - 1 :]
        found = []
        for one in parts:
            try:
                whole = wire.unstuffed(one) if len(one) <= wire.MAX_FRAME else b""
                found.append(cbor.loads(wire.body(whole)))
            except (ValueError, IndexError):
                self.bad += 1 if one else 0
        return found
