"""MLLP: the marks around an HL7 message on TCP, and messages without them.

    0B  message  1C 0D

Accepted beside that: a missing 0D; a message without marks, from a segment MSH at the beginning of a line (or
behind blanks or a mark of Unicode's) to a 1C, an 0B, the next such MSH, or silence; several messages between
one pair of marks, as in a batch (FHS, BHS). What stands between messages is counted and passed over.
Source: HL7, Minimal Lower Layer Protocol, release 1 (HL7 2.5.1, appendix C.4).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from devices.codecs.health import BadByteCounter

START, END, CR = 0x0B, 0x1C, 0x0D
LONGEST = 2_097_152
"""Bytes of a message; a longer one is refused. Analysers send pictures as Base64."""
_BLANK = b"\x00\t\r\n \x1c\xef\xbb\xbf\xe2\x80\xa8"
"""What may stand between messages: white space, a lone end mark, a byte order mark, a line separator."""
_MARK = re.compile(rb"\x0b|(?<![!-~])MSH[^\w\s]")
_FRAMED_END = re.compile(rb"[\x1c\x0b]")
_BARE_END = re.compile(rb"[\x1c\x0b]|(?<=[\r\n])MSH[^\w\s]")
_EACH = re.compile(rb"(?<![^\r\n])MSH[^\w\s]")
_OVERLAP = 4
"""Bytes that are kept of what means nothing: a mark may have begun in them, and needs the one before it."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A message; `is_whole` is False for the beginning of one that is too long."""

    content: bytes
    is_whole: bool = True


def encode(content: bytes) -> bytes:
    """`content` between MLLP's marks."""
    return b"\x0b" + content + b"\x1c\r"


class MllpReader:
    """Finds messages in a stream of bytes."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._buffer = bytearray()
        self._searched = 0
        self._is_framed = self._is_bare = self._has_context = False

    @property
    def is_bare(self) -> bool:
        """Whether a message without marks has begun: silence will end it."""
        return self._is_bare

    def feed(self, data: bytes) -> Iterator[Framed]:
        """The messages that `data` completes."""
        self._buffer += data
        while (found := self._step()) is not None:
            if found.content:
                yield from _messages(found)

    def flush(self) -> Iterator[Framed]:
        """The message without marks that silence ends."""
        if self._is_bare:
            self._is_bare = False
            yield Framed(self._take(len(self._buffer)))

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        self._searched = 0
        return taken

    def _search(self, pattern: re.Pattern[bytes], start: int) -> int | None:
        found = pattern.search(self._buffer, max(start, self._searched - _OVERLAP))
        self._searched = len(self._buffer)
        return found.start() if found else None

    def _step(self) -> Framed | None:
        """A message, an empty one where something else was found, or None where more has to come."""
        if self._is_framed or self._is_bare:
            return self._inside()
        at = self._search(_MARK, int(self._has_context))
        if at is None:
            self._pass_over(len(self._buffer) - _OVERLAP)
            return None
        self._pass_over(at)
        self._searched, self._has_context = 0, False
        self._is_framed = self._buffer[0] == START
        self._is_bare = not self._is_framed
        if self._is_framed:
            self._take(1)
        return Framed(b"")

    def _pass_over(self, count: int) -> None:
        if count > 0:
            self._has_context = True
            if strange := len(self._take(count).translate(None, _BLANK)):
                self._bad.count("framing", strange)

    def _inside(self) -> Framed | None:
        end = self._search(_FRAMED_END if self._is_framed else _BARE_END, 0 if self._is_framed else 4)
        if len(self._buffer if end is None else self._buffer[:end]) > LONGEST:
            return self._too_long()
        if end is None:
            return None
        cut_off = self._is_framed and self._buffer[end] == START
        self._is_framed = self._is_bare = False
        content = self._take(end)
        if self._buffer[0] == END:
            self._take(1)
        if cut_off:
            self._bad.count("framing", len(content))
            return Framed(b"")
        return Framed(content)

    def _too_long(self) -> Framed:
        self._bad.count("length")
        content = self._take(len(self._buffer))
        self._is_framed = self._is_bare = False
        return Framed(content[:LONGEST], is_whole=False)


def _messages(framed: Framed) -> Iterator[Framed]:
    """Each message between a pair of marks; what stands before the first goes with it."""
    starts = [match.start() for match in _EACH.finditer(framed.content)] if framed.is_whole else []
    for start, end in pairwise([0, *starts[1:], len(framed.content)]):
        yield Framed(framed.content[start:end], framed.is_whole)
