"""A node that is updated, in CPython: its flash, the loader's choice, the node and its update; and its host.

Every turn takes bytes from the one and gives them to the other. What runs is known by the digest of its slot.
"""

import hashlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from devices.codecs.health import BadByteCounter
from devices.codecs.node import wire
from devices.codecs.node.inputs import FrameReader
from devices.wire import node_image
from firmware.core.frame import made
from firmware.core.node import Node
from firmware.core.ring import Ring
from firmware.core.slots import FACTORY, FELL, TRIED, Slots, pick
from firmware.core.update import Update
from hil.sims.nor_flash import NorFlash

BOARD = "pico_w"
PAGE, PAGES = 512, 12
"""The log in two pages, and five for each slot."""
TURN_MS = 10
_SILENCE = 30
"""Turns after which the host offers again."""


def image(version: int, size: int = 1000, board: str = BOARD) -> bytes:
    """An image of about `size` bytes that is like no other."""
    return node_image.pack(board, version, {"a.mpy": Random(version * 7 + size).randbytes(size)})


class UpdatedNode:
    """The node. Its clock is `now`; it measures now and then. `health`: what a version's self-test finds."""

    def __init__(self, flash: NorFlash | None = None, health: Mapping[int, int] | None = None) -> None:
        self.flash = flash or NorFlash(PAGE, PAGES)
        self.health = health or {}
        self.raises: Mapping[int, str] = {}
        """Versions that raise at their import, and what."""
        self.factory_version = 1
        self.ring_flash = NorFlash(1024, 4)
        self.now, self.period_ms = 0, 200
        self.boot()

    def boot(self) -> None:
        """Begin anew: the loader picks, and what it picks runs. Raises PowerCut."""
        slots = Slots(self.flash, hashlib.sha256)
        self.slot = pick(slots, lambda: None, self.factory_version)
        self.version = self.factory_version if self.slot == FACTORY else slots.images[self.slot][0]
        if self.version in self.raises:
            self._ended(self.raises[self.version])
            return
        about = {wire.BOARD: BOARD, wire.VERSION: self.version}
        about[wire.SELF_TEST] = self.health.get(self.version, 0)
        self.node = Node(Ring(self.ring_flash, 64, 77), about, self.now)
        self.slots = Slots(self.flash, hashlib.sha256)
        self.update = Update(self.slots, self.slot, about, self.node, self.now)

    def _ended(self, why: str) -> None:
        slots = Slots(self.flash, hashlib.sha256)
        assert slots.phase == TRIED, "an image that was healthy raises"
        slots.become(FELL, why)
        self.boot()

    def digest(self) -> bytes:
        """Of what is in the slot that runs; of the files it was flashed with, nothing."""
        if self.slot == FACTORY:
            return b""
        size = self.slots.images[self.slot][1]
        return hashlib.sha256(self.slots.read(self.slot, 0, size)).digest()

    def turn(self, data: bytes) -> bytes:
        """Take bytes of the host, give what goes to it. Raises PowerCut."""
        self.now += TURN_MS
        if self.now % self.period_ms == 0:
            self.node.measured([5, 974, 0], self.now)
        self.update.hear(data, self.now)
        sent = b"".join(iter(lambda: self.node.to_send(self.now), b""))
        if self.update.restart:
            self.boot()
        return sent


class UpdateHost:
    """Offers `image`, and sees it through. `told`: the verdicts; `numbers`: what it acknowledged, all."""

    def __init__(
        self, version: int, image: bytes, *, board: str = BOARD, window: int = 4, digest: bytes = b""
    ) -> None:
        self.version, self.image, self.board, self.window = version, image, board, window
        self.digest = digest or hashlib.sha256(image).digest()
        self.told = list[tuple[str, int, str]]()
        self.numbers = list[int]()
        self.switch_at_once = True
        self.insists = False
        """Whether what fell back is to be tried again."""
        self._reader = FrameReader(BadByteCounter())
        self._silent = _SILENCE

    def turn(self, data: bytes) -> bytes:
        """Take the node's bytes, give what goes to it."""
        self._silent += 1
        said = b"".join([self._answer(item) for item in self._reader.feed(data)])
        if self._silent >= _SILENCE:
            self._silent = 0
            head = {wire.BOARD: self.board.encode(), wire.VERSION: self.version, wire.SIZE: len(self.image)}
            said += made({wire.KIND: wire.OFFER, **head, wire.DATA: self.digest})
        return said

    def _answer(self, item: Mapping[Any, Any]) -> bytes:
        kind = item.get(wire.KIND)
        if kind == wire.WANT:
            self._silent = 0
            return b"".join(self._chunks(item[wire.OFFSET]))
        if kind == wire.VERDICT:
            self.told.append((wire.UPDATE_CODES[item[wire.CODE]], item[wire.VERSION], item[wire.TEXT]))
            begins = {wire.TAKEN: self.switch_at_once, wire.FELL_BACK: self.insists}
            if begins.get(item[wire.CODE]):
                return made({wire.KIND: wire.SWITCH, wire.VERSION: self.version})
        if kind == wire.READINGS:
            self.numbers.append(item[wire.SEQUENCE])
            head = {wire.SEQUENCE: item[wire.SEQUENCE], wire.STREAM: item[wire.STREAM]}
            return made({wire.KIND: wire.ACKNOWLEDGE, **head})
        return b""

    def _chunks(self, offset: int) -> list[bytes]:
        starts = range(offset, len(self.image), wire.CHUNK_MOST)[: self.window]
        parts = [(at, self.image[at : at + wire.CHUNK_MOST]) for at in starts]
        return [made({wire.KIND: wire.CHUNK, wire.OFFSET: at, wire.DATA: part}) for at, part in parts]

    @property
    def codes(self) -> list[str]:
        """What the node said of it, by name, without repetitions in a row."""
        names = [name for name, _, _ in self.told]
        return [name for place, name in enumerate(names) if names[place - 1 : place] != [name]]


def converse(
    node: UpdatedNode,
    host: UpdateHost,
    is_enough: Callable[[], bool],
    line: Callable[[bytes], bytes] = lambda data: data,
    most: int = 2000,
) -> int:
    """Let them talk over `line` until it is enough. Returns how many turns it took. Raises PowerCut."""
    to_node = b""
    for turn in range(most):
        to_host = line(node.turn(line(to_node)))
        to_node = host.turn(to_host)
        if is_enough():
            return turn
    raise AssertionError(f"nothing came of it: {host.told[-5:]}, phase {node.slots.phase}")


def updated(node: UpdatedNode, version: int, **options: Any) -> UpdateHost:
    """Update it, up to the last verdict."""
    host = UpdateHost(version, image(version), **options)
    converse(node, host, lambda: bool(host.codes) and host.codes[-1] != "taken")
    return host
