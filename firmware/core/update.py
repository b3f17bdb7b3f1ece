"""The node's side of an update: it goes to the slot that does not run, in small steps, beside the measuring.

    update = Update(Slots(flash, sha256), slot, about, node, 0)     # before anything is measured
    update.hear(data, now_ms)          # in place of node.receive, often
    if update.restart: reset()         # the loader (firmware/hal/loader.py) does the rest

What is taken is for this board, newer than what runs, fits, and has the digest that was offered; whoever
offered it has seen its manifest's signature. After the host's SWITCH it runs on trial: it is confirmed when
the host acknowledged a number made since, and its self-test is no worse than that of the version before.
Otherwise, after TRIAL_MS or a reset, the version before runs again, and says why.

A step erases one page, hashes one, or writes one record. What was downloaded stays over a reset, in whole
pages. A node without a second slot (the micro:bit) does not have this, and leaves an OFFER unanswered.
"""

from devices.codecs.node import wire
from firmware.core import contents
from firmware.core.slots import ASKED, FACTORY, FELL, IDLE, LOADING, TAKEN, TRIED, Slots

TRIAL_MS = 300000
"""The host has so long to acknowledge what a new version measured."""
_DIGEST = 32


class Update:
    """The update of a node that runs from `slot`. `about`: its HELLO's pairs. `restart`: it is time to."""

    def __init__(self, slots: Slots, slot: int, about: dict, node, now_ms: int) -> None:
        self.restart = False
        self._slots, self._slot = slots, slot
        self._about, self._node = about, node
        self._began, self._first = now_ms, node.ring.next
        self._asked = False
        """Whether the host waits for a WANT."""
        self._go_on(slots.done)
        if slots.phase == FELL:
            self._say(wire.FELL_BACK, slots.images[slots.target][0], slots.text)

    def hear(self, data: bytes, now_ms: int) -> None:
        """Take bytes of the host, and do the next step."""
        items = self._node.receive(data, now_ms)
        try:
            for item in items:
                self._take(item)
            self._step(now_ms)
        except OSError as error:
            self._failed(str(error))

    def is_on_trial(self) -> bool:
        """Whether what runs is not confirmed yet."""
        return self._slots.phase == TRIED and self._slot == self._slots.target

    def _failed(self, text: str) -> None:
        self._say(wire.FLASH_FAILED, self._slots.images[self._slots.target][0], text)
        if self.is_on_trial():
            self.restart = True
            return
        try:
            self._drop()
        except OSError:
            self._slots.phase = IDLE

    def _drop(self) -> None:
        """There is no update any more. Raises OSError."""
        self._slots.forget()
        self._slots.become(IDLE)

    def _say(self, code: int, version: int, text: str = "") -> None:
        said = {wire.KIND: wire.VERDICT, wire.CODE: code, wire.VERSION: version, wire.TEXT: text}
        self._node.say(said)

    def _take(self, item: dict) -> None:
        if self.restart or self.is_on_trial():
            return
        kind, version, size = item.get(wire.KIND), item.get(wire.VERSION), item.get(wire.SIZE)
        data = item.get(wire.DATA)
        if kind == wire.CHUNK and isinstance(data, bytes) and self._slots.phase == LOADING:
            self._chunk(item.get(wire.OFFSET), data)
        elif kind == wire.SWITCH and isinstance(version, int):
            self._switch(version)
        elif kind == wire.OFFER and _is_offer(version, size, data):
            self._offer(item.get(wire.BOARD), (version, size, data))

    def _offer(self, board, image: tuple) -> None:
        slots, version, own = self._slots, image[0], self._about[wire.BOARD]
        runs, room = self._about[wire.VERSION], slots.pages * slots.page
        if board != own.encode():
            self._say(wire.REFUSED_BOARD, version, "this is a " + own)
        elif self._slot != FACTORY and image == slots.images[self._slot]:
            self._say(wire.RUNNING, version)
        elif version <= runs:
            self._say(wire.REFUSED_VERSION, version, "version " + str(runs) + " runs")
        elif not contents.HEAD <= image[1] <= room:
            self._say(wire.REFUSED_SIZE, version, "a slot has " + str(room) + " bytes")
        elif self._slot == slots.target:
            self._say(wire.FLASH_FAILED, version, "the log of the slots cannot be written")
        else:
            self._offered(image)

    def _offered(self, image: tuple) -> None:
        slots = self._slots
        if image != slots.images[slots.target] or slots.phase not in (LOADING, TAKEN, FELL):
            slots.images[slots.target], slots.done = image, 0
            slots.become(LOADING)
            self._go_on(0)
        if slots.phase == LOADING:
            self._asked = True
        else:
            code = wire.TAKEN if slots.phase == TAKEN else wire.FELL_BACK
            self._say(code, image[0], slots.text)

    def _go_on(self, at: int) -> None:
        """Load from `at` on, where a page begins."""
        self._want = self._erased = at
        self._hash, self._hashed = self._slots.sha256(b""), 0

    def _chunk(self, at, data: bytes) -> None:
        end = self._want + len(data)
        size = self._slots.images[self._slots.target][1]
        is_whole = len(data) == wire.CHUNK_MOST or end == size
        if at == self._want and is_whole and end <= min(self._erased, size):
            self._slots.write(self._slots.target, at, data)
            self._want = end
        self._asked = True

    def _switch(self, version: int) -> None:
        slots = self._slots
        there, size, _ = slots.images[slots.target]
        runs = self._about[wire.VERSION]
        if version == runs:
            self._say(wire.RUNNING, version)
        elif version == there and version > runs and size and slots.phase in (TAKEN, FELL):
            slots.tests = self._about.get(wire.SELF_TEST, 0)
            slots.become(ASKED)
            self.restart = True
        else:
            self._say(wire.NOTHING_TAKEN, version)

    def _step(self, now_ms: int) -> None:
        if self.is_on_trial():
            self._try(now_ms)
        elif self._slots.phase == LOADING:
            self._load()

    def _load(self) -> None:
        slots, page = self._slots, self._slots.page
        size = slots.images[slots.target][1]
        if self._asked and (self._want < self._erased or self._want == size):
            self._asked = False
            self._node.say({wire.KIND: wire.WANT, wire.OFFSET: self._want})
        full = self._want // page * page
        if full > slots.done:
            slots.done = full
            slots.keep()
        elif self._erased < size and self._erased - self._want <= page:
            slots.erase(slots.target, self._erased // page)
            self._erased += page
        elif self._want == size:
            self._hash_page(size)

    def _hash_page(self, size: int) -> None:
        slots = self._slots
        part = slots.read(slots.target, self._hashed, min(slots.page, size - self._hashed))
        self._hash.update(part)
        self._hashed += len(part)
        if self._hashed < size:
            return
        version, _, digest = slots.images[slots.target]
        code = self._judged(version, size) if self._hash.digest() == digest else wire.DIGEST_WRONG
        if code == wire.TAKEN:
            slots.become(TAKEN)
        else:
            self._drop()
        self._say(code, version, "" if code == wire.TAKEN else "what came is not what was offered")

    def _judged(self, version: int, size: int) -> int:
        """Whether the image, whose digest is right, says of itself what was offered."""
        try:
            found = contents.head(self._slots.read(self._slots.target, 0, contents.HEAD))
        except ValueError:
            return wire.DIGEST_WRONG
        if found[3] != self._about[wire.BOARD].encode():
            return wire.REFUSED_BOARD
        if found[0] != version:
            return wire.REFUSED_VERSION
        return wire.TAKEN if found[1] == size else wire.REFUSED_SIZE

    def _try(self, now_ms: int) -> None:
        slots = self._slots
        failed = self._about.get(wire.SELF_TEST, 0) & ~slots.tests
        names = [wire.SELF_TESTS[bit] for bit in range(len(wire.SELF_TESTS)) if failed >> bit & 1]
        if failed:
            self._fall("its self-test failed: " + ", ".join(names))
        elif self._node.ring.acked >= self._first:
            slots.confirm()
            self._say(wire.RUNNING, self._about[wire.VERSION])
        elif now_ms - self._began >= TRIAL_MS:
            self._fall("the host acknowledged nothing that it measured")

    def _fall(self, why: str) -> None:
        self._slots.become(FELL, why)
        self.restart = True


def _is_offer(version, size, digest) -> bool:
    numbers = isinstance(version, int) and isinstance(size, int)
    return numbers and isinstance(digest, bytes) and len(digest) == _DIGEST
