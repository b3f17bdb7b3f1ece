"""Prints the golden vectors: what a node says, and what it makes of what it hears. For every interpreter.

CPython, MicroPython's unix port and the micro:bit must print the same: firmware/vectors.json.
"""

from devices.codecs.node import wire
from firmware.core.frame import Frames, made
from firmware.core.node import Node
from firmware.core.ring import Ring


class Ram:
    """A flash in memory."""

    page = 128
    pages = 2

    def __init__(self) -> None:
        self._bytes = bytearray(256)

    def read(self, at: int, size: int) -> bytes:
        """`size` bytes."""
        return bytes(self._bytes[at : at + size])

    def write(self, at: int, data: bytes) -> None:
        """Clear the bits that are clear in `data`."""
        for n in range(len(data)):
            self._bytes[at + n] &= data[n]

    def erase(self, page: int) -> None:
        """Set all bits of a page."""
        for n in range(page * 128, page * 128 + 128):
            self._bytes[n] = 255


def show(name: str, data: bytes) -> None:
    """Print a line."""
    print(name, end=" ")  # noqa: T201 - it is what this is for
    for byte in data:
        print("%02x" % byte, end="")  # noqa: T201, UP031 - MicroPython 1.9.2 has no f-strings
    print()  # noqa: T201


def acknowledgement() -> bytes:
    """Of number 8."""
    return made({wire.KIND: wire.ACKNOWLEDGE, wire.SEQUENCE: 8, wire.STREAM: 7})


heard = Frames()
chunk = made({wire.KIND: wire.CHUNK, wire.OFFSET: 70000, wire.DATA: b"\x00\x01\xff"})
show("chunk", chunk)
for item in heard.feed(chunk[:5]) + heard.feed(chunk[5:] + b"\x03\x01\x02\x00"):
    show("heard", made({wire.OFFSET: item[wire.OFFSET], wire.DATA: item[wire.DATA], wire.CODE: heard.bad}))

node = Node(Ring(Ram(), 64, 0x89ABCDEF), {wire.BOARD: "µ", wire.VERSION: 300}, 5)
node.measured([5, 974, 0, 1, None, 3, 120, -55, 128], 1005)
show("hello", node.to_send(70005))
show("readings", node.to_send(70005))
node.say({wire.KIND: wire.WANT, wire.OFFSET: 65536})
show("want", node.to_send(70005))

node = Node(Ring(Ram(), 64, 7), {}, 0)
node.sampled(7, 25000, bytes(range(44)), 1000)
node.to_send(1000)
show("samples", node.to_send(1000))
show("samples-2", node.to_send(1000))

node = Node(Ring(Ram(), 64, 7), {}, 0)
for n in range(6):
    node.measured([1, 80 + n, 0], 1000)
node.to_send(1000)
show("gap", node.to_send(2000))
show("readings-after", node.to_send(2000))
show("acknowledgement", acknowledgement())
node.receive(acknowledgement(), 3000)
show("readings-last", node.to_send(3000))
