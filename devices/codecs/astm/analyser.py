"""An analyser over a serial line or TCP: the receiving side of LIS01-A2, and what the messages say.

    ENQ ─▶ ACK (NAK while what was said before is not in the journal)
    frame ─▶ its records are said ─▶ the journal has them ─▶ ACK
    damaged or unexpected frame ─▶ NAK, and the analyser sends it again
    the same frame again ─▶ ACK, taken once

The ACK of a frame goes only after all that the frames so far said is on disk, so whatever an analyser thinks
delivered is safe, not only at the end of its message. An analyser that breaks a message off begins it again:
the records that are the same as before are not said twice (on a new connection they are).
An ACK that was waited for until the analyser gave up (EOT, ENQ) is not sent any more: it would answer
something else. We never ask for the line, so there is no contention: an ENQ is always the analyser's.

Analysers that send blocks or bare records (see `frames`) wait for an ACK after each piece, only at the end,
or never; so they are sent one when they fall silent for `PACE_S` inside a session. Frames without an ENQ are
taken, whatever their numbers, if they begin with a header: a recording of frames alone is read so. An
analyser that was in the middle of a message when we started is told NAK until it begins anew.
Time-outs: E1381-95, 6.5.2: a receiver gives up a session after 30 s of silence.
"""

from devices.codecs import Said
from devices.codecs.astm.frames import ACK, NAK, Bare, Damaged, Frame, FrameReader, Mark, Token, is_header
from devices.codecs.astm.message import Message
from devices.codecs.health import BadByteCounter
from devices.model.observation import Instant, later

_LONGEST = 1_048_576
"""Bytes of one record that comes in several frames."""


class _Repeats:
    """Knows which records were told already, before their message broke off and was begun again."""

    _MOST = 10_000

    def __init__(self) -> None:
        self._told: list[bytes] = []
        self._before: list[bytes] = []

    def has(self, line: bytes) -> bool:
        """Whether `line`, the next record, was told at this place of a message that had no end."""
        if line.startswith(b"L"):
            self._told, self._before = [], []
            return False
        if line.startswith(b"H"):
            self._told, self._before = [line], self._told
            return False
        place = len(self._told)
        if place < self._MOST:
            self._told.append(line)
        if self._before[place : place + 1] == [line]:
            return True
        self._before = []
        return False


class AstmAnalyser:
    """Gives LAB_RESULT, IDENTITY (`analyser`), UNMAPPED and BAD_BYTES. A `JournalledCodec`."""

    SILENCE_S = 30.0
    PACE_S = 0.5

    def __init__(self) -> None:
        self._bad = BadByteCounter()
        self._reader = FrameReader(self._bad)
        self._message = Message()
        self._repeats = _Repeats()
        self._in_session = False
        self._last: Frame | None = None
        self._partial = bytearray()
        self._outgoing = self._held = b""
        self._waits = False
        self._gives_up: Instant | None = None
        self._paces: Instant | None = None

    def receive_data(self, data: bytes, now: Instant) -> list[Said]:
        """Take the bytes whose last one arrived at `now`."""
        said: list[Said] = []
        for token in self._reader.feed(data):
            said += self._heard(token, now)
        if data:
            self._gives_up = later(now, self.SILENCE_S) if self._is_under_way else None
            self._paces = later(now, self.PACE_S) if self._is_paced else None
        return [*said, *self._bad.told(now)]

    def data_to_send(self) -> bytes:
        """The answers that are due."""
        outgoing, self._outgoing = self._outgoing, b""
        return outgoing

    def awaits_journal(self) -> bool:
        """Whether something was said that is not known to be on disk."""
        return self._waits

    def journalled(self, now: Instant) -> None:
        """What was said is on disk: the answer that waited for it is due."""
        self._waits = False
        self._outgoing += self._held
        self._held = b""

    def next_timer(self) -> Instant | None:
        """When silence means something, or counted bytes are to be told."""
        times = [one for one in (self._gives_up, self._paces, self._bad.due()) if one is not None]
        return min(times, default=None)

    def handle_timer(self, now: Instant) -> list[Said]:
        """Give up a session; acknowledge a piece of a block; tell counted bytes."""
        said: list[Said] = []
        if self._paces is not None and now >= self._paces:
            self._paces = None
            said += self._paced(now)
        if self._gives_up is not None and now >= self._gives_up:
            self._gives_up = None
            self._reader.drop()
            self._end()
        return [*said, *self._bad.told(now)]

    @property
    def _is_under_way(self) -> bool:
        return self._in_session or bool(self._partial) or not self._reader.is_between

    @property
    def _is_paced(self) -> bool:
        """Whether silence from now on would mean that the analyser waits, or has ended without a mark."""
        return self._reader.in_block or self._reader.has_lone_stx or self._reader.has_terminator

    def _paced(self, now: Instant) -> list[Said]:
        said: list[Said] = []
        for token in self._reader.finish():
            said += self._heard(token, now)
        if self._in_session and self._reader.is_between:
            self._answer(ACK)
        return said

    def _heard(self, token: Token, now: Instant) -> list[Said]:
        match token:
            case Mark.ENQUIRY:
                self._enquired()
            case Mark.END:
                self._end()
            case Mark.BLOCK:
                self._in_session = True
            case Mark.BLOCK_END:
                self._answer(ACK)
            case Damaged():
                self._answer(NAK)
            case Bare(text):
                return self._say(text, now)
            case Frame():
                return self._framed(token, now)
        return []

    def _enquired(self) -> None:
        self._end()
        self._in_session = not self._waits
        self._outgoing += bytes((NAK if self._waits else ACK,))

    def _end(self) -> None:
        """The session is over, and with it the line's interest in an answer."""
        if self._partial:
            self._bad.count("framing", len(self._partial))
            self._partial.clear()
        self._in_session = False
        self._last = None
        self._held = b""

    def _answer(self, octet: int) -> None:
        """Answer when the journal has all that was said; until then one answer only is owed."""
        if self._waits:
            self._held = bytes((octet,))
        else:
            self._outgoing += bytes((octet,))

    def _framed(self, frame: Frame, now: Instant) -> list[Said]:
        if self._is_repeat(frame):
            self._answer(ACK)
            return []
        if not self._is_next(frame):
            self._bad.count("framing")
            self._answer(NAK)
            return []
        self._last = frame
        said = self._records(frame, now)
        self._answer(ACK)
        return said

    def _is_repeat(self, frame: Frame) -> bool:
        return self._last is not None and frame == self._last

    def _is_next(self, frame: Frame) -> bool:
        """Whether `frame` follows the last one, or begins a message where one may begin."""
        begins = is_header(frame.text)
        if self._last is None:
            return begins and (frame.number == 1 or self._message.is_complete)
        if not self._in_session:
            return True
        restarts = begins and frame.number == 1 and self._message.is_complete and not self._partial
        return restarts or frame.number == (self._last.number + 1) % 8

    def _records(self, frame: Frame, now: Instant) -> list[Said]:
        """What the records say that `frame` completes: by a CR, or by being the last of its text."""
        text = frame.text.replace(b"\n", b"\r") + (b"\r" if frame.is_last else b"")
        whole, end, rest = text.rpartition(b"\r")
        lines = bytes(self._partial + whole).split(b"\r") if end else []
        if end:
            self._partial.clear()
        self._partial += rest
        if len(self._partial) > _LONGEST:
            self._bad.count("length")
            self._partial.clear()
        return [one for line in lines for one in self._say(line, now)]

    def _say(self, line: bytes, now: Instant) -> list[Said]:
        if not line.strip():
            return []
        said = self._message.take(line, now)
        if self._repeats.has(line):
            return []
        self._waits = self._waits or bool(said)
        return said
