"""The stream of the node that measures, over Bluetooth: what `devices/codecs/node/vitals.py` reads and says.

TO_HOST   the node notifies its frames, cut into what one notification carries
TO_NODE   the host's frames, cut into values of 20 bytes: what every connection carries, and a node's
          characteristic holds (MicroPython's `gatts_set_buffer`: 20 if nobody says more)
"""

from collections.abc import Mapping

from devices.codecs import Codec, Host, Said
from devices.codecs.node.vitals import NodeVitals
from devices.model.observation import Instant

SERVICE = "7d1b0001-5f0c-4a3e-9a6e-57617264006c"
TO_HOST = "7d1b0002-5f0c-4a3e-9a6e-57617264006c"
TO_NODE = "7d1b0003-5f0c-4a3e-9a6e-57617264006c"
MOST = 20
"""Bytes of a value that is written."""


class Heard:
    """The codec of TO_HOST: all of the node's codec, but what it has to send."""

    def __init__(self, node: NodeVitals) -> None:
        self._node = node

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take a notification."""
        return self._node.receive_data(data, now)

    def data_to_send(self) -> bytes:
        """Nothing: that goes to the other characteristic."""
        return b""

    def next_timer(self) -> Instant | None:
        """The node's codec's."""
        return self._node.next_timer()

    def handle_timer(self, now: Instant) -> list[Said]:
        """The node's codec's."""
        return self._node.handle_timer(now)

    def awaits_journal(self) -> bool:
        """The node's codec's."""
        return self._node.awaits_journal()

    def journalled(self, now: Instant) -> None:
        """The node's codec's."""
        self._node.journalled(now)


class Answers:
    """The codec of TO_NODE: what the node's codec has to send, a value at a time."""

    def __init__(self, node: NodeVitals) -> None:
        self._node = node
        self._rest = b""

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Nothing comes from there."""
        return []

    def data_to_send(self) -> bytes:
        """The next value."""
        self._rest += self._node.data_to_send()
        value, self._rest = self._rest[:MOST], self._rest[MOST:]
        return value

    def next_timer(self) -> Instant | None:
        """At once, if there is more to send."""
        return Instant(0) if self._rest else None

    def handle_timer(self, now: Instant) -> list[Said]:
        """`data_to_send` is asked after it."""
        return []


def linked(host: Host) -> Mapping[str, Codec]:
    """The codecs of one connection."""
    node = NodeVitals(host)
    return {TO_HOST: Heard(node), TO_NODE: Answers(node)}
