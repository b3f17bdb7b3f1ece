"""An update of a node's firmware, from the host's side: offered, streamed, begun, and what became of it.

    host -> node  {KIND: ASK}                                          who is it, and what does it run?
    host -> node  {KIND: OFFER, BOARD, VERSION, SIZE, DATA: SHA-256}   -> WANT, or VERDICT
    host -> node  {KIND: CHUNK, OFFSET, DATA}                          -> WANT, or VERDICT at the end
    host -> node  {KIND: SWITCH, VERSION}                              -> a reset, HELLO, VERDICT

Frames, keys and codes: `devices/codecs/node/wire.py`. The node says in each WANT what it has not yet: a few
chunks are on their way at once, fewer after each silence. What got no answer is offered again, and the answer
says where it goes on: after a lost frame, a pulled cable, a reset, another gateway. Sans-IO, and it outlives
the connection: `NodeVitals` lends it the line, after what it has to acknowledge itself.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import cbor2

from devices.codecs.node import wire
from devices.model.observation import Instant, later
from devices.wire.strict import is_int

MOST_WINDOW = 6
"""Chunks on their way at once: 0.08 s of a line of 115200 baud, so that nothing waits long behind them."""
_AGAIN_S = 1.0
"""A flash's page is erased in less."""
_TRIAL_AGAIN_S = 5.0
_LIVE_MS = 10_000
"""What was measured so long before it was sent is of the node's memory."""
_GROWTH = 16
"""Chunks in a row after which one more may be on its way."""
_LARGEST = 0xFFFFFFFF


class Stage(StrEnum):
    """How far an update is."""

    ASKING = "asking"
    """The node has not said who it is."""
    OFFERED = "offered"
    SENDING = "sending"
    TAKEN = "taken"
    """The node has all of it, and runs the version before: it waits for `switch`."""
    SWITCHING = "switching"
    TRIAL = "trial"
    """The node runs it, and has to prove itself."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of it: one of `wire.UPDATE_CODES`, of which version, and what the node says of it."""

    code: str
    version: int
    text: str

    @classmethod
    def of(cls, item: Mapping[object, object]) -> "Verdict":
        """The verdict in a map; a code of a newer node is its number."""
        code, version, text = item.get(wire.CODE), item.get(wire.VERSION), item.get(wire.TEXT)
        known = is_int(code, 0, len(wire.UPDATE_CODES) - 1)
        name = wire.UPDATE_CODES[code] if known else f"code-{code!r:.20}"
        told = text if isinstance(text, str) else ""
        return cls(name, version if is_int(version, 0, _LARGEST) else 0, told[:100])


class Update:
    """One image, for one node."""

    def __init__(self, board: str, version: int, image: bytes) -> None:
        self.board, self.version = board, version
        self.stage = Stage.ASKING
        self.verdict: Verdict | None = None
        """At the end."""
        self.offset = 0
        """The node has so much of it."""
        self.live_since: Instant | None = None
        """From when on the node tells what it measures now; None: it still tells what was before."""
        self._image = image
        self._sent = 0
        self._window, self._advanced = MOST_WINDOW, 0
        self._went_back = -1
        """Where chunks were sent again because one between them was missing."""
        self._wrong = 0
        self._boot: object = None
        """The number of the boot that was to begin it; None: another has begun since."""
        self._due: Instant | None = Instant(0)

    @property
    def percent(self) -> int:
        """Of the image, at the node."""
        return self.offset * 100 // len(self._image)

    def switch(self) -> None:
        """The node may begin what it took."""
        if self.stage == Stage.TAKEN:
            self.stage, self._due = Stage.SWITCHING, Instant(0)

    def next_timer(self) -> Instant | None:
        """When `act` has something to say that nobody asked for."""
        return self._due

    def hear(self, item: Mapping[object, object], now: Instant) -> None:
        """The node said this; `act` then."""
        match item.get(wire.KIND):
            case wire.HELLO:
                self._hello(item)
            case wire.WANT if is_int(offset := item.get(wire.OFFSET), 0, len(self._image)):
                self._want(offset, now)
            case wire.VERDICT:
                self._judged(Verdict.of(item))
            case wire.READINGS | wire.SAMPLES:
                self._measured(item.get(wire.AT_MS), item.get(wire.NOW_MS), now)
            case _:
                pass

    def act(self, now: Instant) -> bytes:
        """The frames that are to go now."""
        if self._due is not None and now >= self._due:
            self._due = later(now, _TRIAL_AGAIN_S if self.stage == Stage.TRIAL else _AGAIN_S)
            return self._again()
        return self._chunks(now) if self.stage == Stage.SENDING else b""

    def _again(self) -> bytes:
        """What is said while there is no answer."""
        if self.stage == Stage.ASKING:
            return _frame({wire.KIND: wire.ASK})
        if self.stage == Stage.SWITCHING:
            return _frame({wire.KIND: wire.SWITCH, wire.VERSION: self.version})
        if self.stage == Stage.SENDING:
            self.stage = Stage.OFFERED
            self._window, self._advanced = max(1, self._window // 2), 0
        return self._offer()

    def _hello(self, item: Mapping[object, object]) -> None:
        board, version, boot = item.get(wire.BOARD), item.get(wire.VERSION), item.get(wire.BOOT)
        if self.stage not in (Stage.SWITCHING, Stage.TRIAL):
            self._boot = boot
        elif boot != self._boot:
            self._boot = None
        if self.stage == Stage.ASKING:
            if board != self.board:
                self._end("refused-board", f"the image is for {self.board}, this node is {board!r:.40}")
            elif is_int(version, self.version + 1, _LARGEST):
                self._end("refused-version", f"version {self.version} is older than {version}, which it runs")
            else:
                self.stage, self._due = Stage.OFFERED, Instant(0)
        elif self.stage == Stage.SWITCHING and version == self.version:
            self.stage, self._due = Stage.TRIAL, Instant(0)
        elif self.stage == Stage.SENDING:  # it may have been reset: where does it go on?
            self.stage, self._due = Stage.OFFERED, Instant(0)

    def _measured(self, at_ms: object, now_ms: object, now: Instant) -> None:
        known = is_int(at_ms, 0, _LARGEST) and is_int(now_ms, 0, at_ms + _LIVE_MS)
        self.live_since = (self.live_since or now) if known else None

    def _want(self, offset: int, now: Instant) -> None:
        if self.stage == Stage.OFFERED:
            self.stage, self._went_back = Stage.SENDING, -1
            self.offset = self._sent = offset
        elif self.stage != Stage.SENDING:
            return
        elif offset == self.offset:
            if self._sent > offset and self._went_back != offset:
                self._sent = self._went_back = offset
            return
        else:
            self._advanced += 1
            if self._advanced >= _GROWTH:
                self._window, self._advanced = min(MOST_WINDOW, self._window + 1), 0
            self._sent = max(self._sent, offset) if offset > self.offset else offset
            self.offset = offset
        self._due = later(now, _AGAIN_S)

    def _judged(self, verdict: Verdict) -> None:
        if verdict.version != self.version:
            return
        if self.stage in (Stage.OFFERED, Stage.SENDING):
            self._received(verdict)
        # What is said of an earlier trial may still be on its way.
        elif self.stage in (Stage.SWITCHING, Stage.TRIAL) and (
            verdict.code not in ("taken", "fell-back") or (verdict.code == "fell-back" and self._boot is None)
        ):
            self._end(verdict.code, verdict.text)

    def _received(self, verdict: Verdict) -> None:
        if verdict.code in ("taken", "fell-back"):  # it is there: whoever asks again wants it tried again
            self.stage, self._due, self.offset = Stage.TAKEN, None, len(self._image)
        elif verdict.code == "digest-wrong" and not self._wrong:
            self._wrong += 1
            self.stage, self._due, self.offset = Stage.OFFERED, Instant(0), 0
        else:
            self._end(verdict.code, verdict.text)

    def _end(self, code: str, text: str) -> None:
        self.stage, self._due = Stage.ENDED, None
        self.verdict = Verdict(code, self.version, text)

    def _offer(self) -> bytes:
        about = {wire.BOARD: self.board.encode(), wire.VERSION: self.version, wire.SIZE: len(self._image)}
        digest = hashlib.sha256(self._image).digest()
        return _frame({wire.KIND: wire.OFFER, **about, wire.DATA: digest})

    def _chunks(self, now: Instant) -> bytes:
        frames, end = b"", min(len(self._image), self.offset + self._window * wire.CHUNK_MOST)
        while self._sent < end:
            data = self._image[self._sent : self._sent + wire.CHUNK_MOST]
            frames += _frame({wire.KIND: wire.CHUNK, wire.OFFSET: self._sent, wire.DATA: data})
            self._sent += len(data)
            self._due = later(now, _AGAIN_S)
        return frames


def _frame(item: Mapping[int, int | bytes]) -> bytes:
    return wire.frame(cbor2.dumps(item))
