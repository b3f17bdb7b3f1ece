"""The frames of LIS01-A2 (ASTM E1381), and what analysers send instead of them.

    ENQ                                  begins a session
    STX n text ETX|ETB C1 C2 CR LF       a frame: n 0 to 7; ETB: the text goes on in the next frame
    EOT                                  ends a session

C1 C2 are the sum of all from n to ETX or ETB, mod 256, as two hexadecimal digits. Accepted beside that:
frames of more than 247 bytes, lower-case digits, a missing CR or LF after them; a sum of the text with CR
where the text has LF or CRLF, as recordings that an editor has kept have; a block STX records ETX with
neither number nor sum (Snibe Maglumi); records with no framing at all, each ended by CR, LF or CRLF, from a
header to the terminator (or, without one, to the next header or control character).
Source: ASTM E1381-95 and E1381-02, sections 6.2 to 6.6; a bench report of a Maglumi X3 (OpenELIS, 2026).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from devices.codecs.health import BadByteCounter

STX, ETX, EOT, ENQ, ACK, NAK, ETB, CR, LF = 0x02, 0x03, 0x04, 0x05, 0x06, 0x15, 0x17, 0x0D, 0x0A
_FRAME_BYTES = 240
"""Text of a frame as the standard allows it; what is received may be longer."""
_LONGEST = 262_144
"""A frame or record of more bytes is none. Analysers put images into them."""
_NUMBERS = b"01234567"
_QUIET = bytes((0, ACK, NAK, CR, LF, 0x0B, 0x1C))
"""What may stand between frames and means nothing here: MLLP's marks, too, which some put around records."""
_FRAME_END = re.compile(rb"[\x02-\x05\x17]")
_LINE_END = re.compile(rb"[\r\n\x02-\x05\x17\x1c]")
_LINE_ENDS = re.compile(rb"\r?\n")
_HEADER = re.compile(rb"H([^\w\s])[^\w\s]{2,4}(?:\1|$)")


class Mark(Enum):
    """A token that says no more than itself."""

    ENQUIRY = "ENQ"
    END = "EOT"
    BLOCK = "STX of a block without number and sum"
    BLOCK_END = "its ETX"


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame whose sum is right; `text` is without number and marks, `is_last` for ETX."""

    number: int
    text: bytes
    is_last: bool


@dataclass(frozen=True, slots=True)
class Bare:
    """A record that came without a frame."""

    text: bytes


class Damaged(Enum):
    """A frame that cannot be read: its sender may send it again."""

    FRAME = "frame"


Token = Mark | Frame | Bare | Damaged


def checksum(content: bytes) -> bytes:
    """The two digits for `content`, from the frame number to ETX or ETB."""
    return b"%02X" % (sum(content) % 256)


def encode_frame(number: int, text: bytes, *, is_last: bool = True) -> bytes:
    """One frame; the number is taken mod 8."""
    content = b"%d%b%c" % (number % 8, text, ETX if is_last else ETB)
    return b"\x02%b%b\r\n" % (content, checksum(content))


def encode_frames(records: list[bytes]) -> list[bytes]:
    """A message, a frame a record, those that are too long for one in several; numbers from 1."""
    frames: list[bytes] = []
    for record in records:
        text = record + b"\r"
        parts = [text[at : at + _FRAME_BYTES] for at in range(0, len(text), _FRAME_BYTES)]
        for place, part in enumerate(parts, 1):
            frames.append(encode_frame(len(frames) + 1, part, is_last=place == len(parts)))
    return frames


def is_header(text: bytes) -> bool:
    """Whether `text` begins with a header record and its delimiters."""
    return _HEADER.match(text) is not None


class FrameReader:
    """Finds tokens in a stream of bytes. What is none is counted, and passed over to the next mark."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()
        self._searched = 0
        self._is_lost = False
        self._reads_lines = False
        self.in_block = False
        """Whether a block has begun and not ended."""

    @property
    def is_between(self) -> bool:
        """Whether nothing waits for its end, but perhaps a lone STX."""
        return not self._buffer or self.has_lone_stx

    @property
    def has_lone_stx(self) -> bool:
        """Whether an STX, and nothing after it, has come."""
        return len(self._buffer) == 1 and self._buffer[0] == STX

    @property
    def has_terminator(self) -> bool:
        """Whether a terminator record has come, all but the end of its line."""
        return self._reads_lines and self._buffer.startswith(b"L")

    def finish(self) -> Iterator[Token]:
        """The token that silence completes: a bare terminator without the end of its line."""
        if self.has_terminator:
            yield from self.feed(b"\r")

    def drop(self) -> None:
        """Count what waits for its end, and forget it."""
        if self._buffer:
            self._bad.count("framing", len(self._buffer))
        self._take(len(self._buffer))
        self._is_lost = self._reads_lines = self.in_block = False

    def feed(self, data: bytes) -> Iterator[Token]:
        """The tokens that `data` completes."""
        self._buffer += data
        while self._buffer:
            before = len(self._buffer)
            token = self._next()
            if token is not None:
                yield token
            elif len(self._buffer) == before:
                return

    def _next(self) -> Token | None:
        """The next token; None if there is none yet, or bytes without meaning were passed over."""
        first = self._buffer[0]
        if first == STX:
            return self._started()
        if first in (ENQ, EOT):
            self._take(1)
            self._is_lost = self._reads_lines = self.in_block = False
            return Mark.ENQUIRY if first == ENQ else Mark.END
        if first == ETX and self.in_block:
            self._take(1)
            self.in_block = self._reads_lines = False
            return Mark.BLOCK_END
        if first in _QUIET and not (self._is_lost and first in (ACK, NAK, 0)):
            self._take(1)
            self._is_lost = self._is_lost and first not in (CR, LF)
            return None
        return self._line()

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return taken

    def _search(self, pattern: re.Pattern[bytes], start: int) -> int | None:
        """Where `pattern` is next, from `start`; each byte is looked at once."""
        found = pattern.search(self._buffer, max(start, self._searched))
        self._searched = len(self._buffer)
        return found.start() if found else None

    def _started(self) -> Token | None:
        if len(self._buffer) < 2:
            return None
        self._is_lost = self._reads_lines = self.in_block = False
        if self._buffer[1] in _NUMBERS:
            return self._frame()
        self._take(1)
        if self._buffer[0] == ord("H"):
            self.in_block = self._reads_lines = True
            return Mark.BLOCK
        self._bad.count("framing")
        self._is_lost = self._buffer[0] not in (STX, ENQ, EOT)
        return Damaged.FRAME if self._is_lost else None

    def _frame(self) -> Token | None:
        end = self._search(_FRAME_END, 1)
        if end is None or end > _LONGEST:
            return self._too_long(Damaged.FRAME)
        if self._buffer[end] not in (ETX, ETB):
            self._bad.count("framing", len(self._take(end)))
            return Damaged.FRAME
        if len(self._buffer) < end + 3:
            self._searched = end
            return None
        frame = self._take(end + 3)
        content, digits = frame[1 : end + 1], frame[end + 1 :]
        if digits.upper() not in (checksum(content), checksum(_LINE_ENDS.sub(b"\r", content))):
            self._bad.count("checksum")
            return Damaged.FRAME
        return Frame(content[0] - ord("0"), content[1:-1], content[-1] == ETX)

    def _line(self) -> Token | None:
        """A record without a frame, or bytes without meaning."""
        end = self._search(_LINE_END, 0)
        if end == 0:
            self._bad.count("framing", len(self._take(1)))
            return None
        if self._is_lost or not (self._reads_lines or self._buffer[0] == ord("H")):
            self._is_lost = True
            lost = self._take(len(self._buffer) if end is None else end)
            if told := sum(byte not in _QUIET or byte in (ACK, NAK, 0) for byte in lost):
                self._bad.count("framing", told)
            return None
        if end is None or end > _LONGEST:
            return self._too_long(None)
        text = self._take(end)
        if not self._reads_lines and not is_header(text):
            self._bad.count("framing", len(text))
            return None
        self._reads_lines = self.in_block or not text.startswith(b"L")
        return Bare(text)

    def _too_long(self, token: Token | None) -> Token | None:
        if len(self._buffer) <= _LONGEST:
            return None
        self._bad.count("length")
        self._take(len(self._buffer))
        self._is_lost = True
        return token
