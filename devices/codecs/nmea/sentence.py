"""NMEA 0183: the sentence.

    $GPRMC,102929.00,A,5327.04024,N,...*62 CR LF
     talker, formatter, fields              XOR of all between `$` and `*`, two hex digits

Real receivers write longer sentences than the 82 characters of the standard, end them with CR, LF or both,
and give the checksum in lower case. Left out without blame: `!` (AIS), `$P` (proprietary), UBX frames, a tag
block or a log's time before the sentence, comments of a log (`#`), addresses of a maker's own.
Source: NMEA 0183 as in gpsd's "NMEA Revealed"; sentences of some 90 receivers in gpsd's test/daemon.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce

from devices.codecs.health import BadByteCounter
from devices.codecs.nmea.ubx import UbxFilter
from devices.errors import BadBytes

LONGEST = 512
"""Bytes of a line that are kept: several times the longest sentence that was seen."""
_END = re.compile(rb"[\r\n]")
_SENTENCE = re.compile(rb"\$([A-Z0-9]{2})([A-Z0-9]+)((?:,[ -~]*)?)\*([0-9A-Fa-f]{2})[ \0]*")
_OTHERS = (b"!", b"#")
_BEFORE = re.compile(
    rb"(\xef\xbb\xbf)?[ $\0]*"
    rb"((\\[^\\]*\\)+|[\[(]?[0-9][0-9:./,T+Z-]*( [0-9:./,+-]+)*[\])]?[:;,]?[ \t]+[ $\0]*)?"
)
"""What may stand before a sentence: a byte order mark, a tag block, or a date and time and a blank."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence whose checksum is right."""

    talker: str
    """`GP`, `GN`, ...: whose satellites, or which instrument."""
    formatter: str
    """`RMC`, `GGA`, ...: what it tells."""
    fields: tuple[str, ...]

    def field(self, index: int) -> str:
        """The field, without blanks around it; empty where the sentence ends before it."""
        return self.fields[index].strip() if index < len(self.fields) else ""


def checksum(body: bytes) -> int:
    """Of what is between `$` and `*`."""
    return reduce(int.__xor__, body, 0)


def encode(address: str, fields: Iterable[str]) -> bytes:
    """The sentence with talker and formatter `address`."""
    body = ",".join((address, *fields)).encode("ascii")
    return b"$%b*%02X\r\n" % (body, checksum(body))


def decode(text: bytes) -> Sentence:
    """The sentence in a line that begins with its `$`. Raises BadBytes."""
    if text.startswith(b"$") and b"*" not in text:
        raise BadBytes("checksum", "expected a checksum at the end of the sentence")
    match = _SENTENCE.fullmatch(text)
    if match is None:
        raise BadBytes("framing", f"expected a sentence, got {text[:20]!r}")
    if checksum(text[1 : match.start(4) - 1]) != int(match[4], 16):
        raise BadBytes("checksum", "the checksum of the sentence does not match")
    talker, formatter, fields, _ = (part.decode("ascii") for part in match.groups())
    return Sentence(talker, formatter, tuple(fields.split(",")[1:]))


class SentenceReader:
    """Finds sentences in a stream of bytes."""

    def __init__(self, bad: BadByteCounter) -> None:
        self._bad = bad
        self._ubx = UbxFilter()
        self._line = b""

    def feed(self, data: bytes) -> Iterator[Sentence]:
        """The sentences that `data` completes."""
        *lines, rest = _END.split(self._line + self._ubx.feed(data))
        self._line = rest[-LONGEST - 1 :]
        for line in lines:
            sentence = self._sentence(line[-LONGEST - 1 :])
            if sentence is not None:
                yield sentence

    def _sentence(self, line: bytes) -> Sentence | None:
        """The sentence of a line, which begins with the line's last `$`: what is before it is its debris."""
        start = max(line.rfind(b"$"), 0)
        debris, text = line[:start], line[start:]
        if not line.strip(b" \0") or text.startswith(b"$P") or line.startswith(_OTHERS):
            return None
        if len(line) > LONGEST and not start:
            self._bad.count("length")
            return None
        if not _BEFORE.fullmatch(debris):
            self._bad.count("framing")
        try:
            return decode(text)
        except BadBytes as bad:
            self._bad.count(bad.reason)
            return None
