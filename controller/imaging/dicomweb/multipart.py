"""Bodies of multipart/related, taken apart as they come; and what is around the parts of one that is sent.

Pure. RFC 2046, 5.1; RFC 2387; PS3.18, 8.6.1.2.

splitter = Splitter(boundary_of(content_type))
for event in splitter.feed(chunk): ...      # Head, bytes of a part, END
splitter.close()                            # raises BadMultipart unless the closing boundary came
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from enum import Enum, auto
from typing import Final

from controller.imaging.errors import BadMultipart

LARGEST_HEAD: Final = 16 * 1024
"""Bytes of the headers of one part."""
_LONGEST_PADDING: Final = 200


@dataclass(frozen=True, slots=True)
class Head:
    """A part begins: its media type in small letters without parameters, "" when it says none."""

    media_type: str


class End(Enum):
    """The part is whole."""

    END = auto()


END: Final = End.END
Event = Head | bytes | End


class _State(Enum):
    PREAMBLE = auto()
    BOUNDARY = auto()
    HEAD = auto()
    BODY = auto()
    DONE = auto()


class Splitter:
    """One body. Holds no more than what comes in one chunk, and a part's headers."""

    def __init__(self, boundary: str) -> None:
        self._delimiter = b"\r\n--" + boundary.encode("latin-1")
        self._held = bytearray(b"\r\n")  # so that the first boundary is like the others
        self._state = _State.PREAMBLE

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """What is complete now. Raises BadMultipart."""
        self._held += chunk
        going = True
        while going:
            match self._state:
                case _State.PREAMBLE | _State.BODY:
                    going = yield from self._to_boundary()
                case _State.BOUNDARY:
                    going = self._after_boundary()
                case _State.HEAD:
                    going = yield from self._head()
                case _State.DONE:
                    self._held.clear()  # an epilogue says nothing
                    going = False

    def close(self) -> None:
        """The body has ended. Raises BadMultipart."""
        if self._state is not _State.DONE:
            raise BadMultipart("expected the closing boundary, the body ended before it: send it again")

    def _to_boundary(self) -> Generator[Event, None, bool]:
        held, in_part = self._held, self._state is _State.BODY
        at = held.find(self._delimiter)
        if at < 0:
            kept = len(held) - len(self._delimiter) + 1
            if kept > 0:
                if in_part:
                    yield bytes(memoryview(held)[:kept])
                del held[:kept]
            return False
        if in_part:
            if at:
                yield bytes(memoryview(held)[:at])
            yield END
        del held[: at + len(self._delimiter)]
        self._state = _State.BOUNDARY
        return True

    def _after_boundary(self) -> bool:
        held = self._held
        if held[:2] == b"--":
            self._state = _State.DONE
            return True
        end = held.find(b"\r\n")
        if end < 0 and len(held) < _LONGEST_PADDING:
            return False
        if end < 0 or held[:end].strip(b" \t"):
            raise BadMultipart(f"expected the end of a line after a boundary, got {bytes(held[:20])!r}")
        del held[:end]  # its end stays: a part without headers begins with two
        self._state = _State.HEAD
        return True

    def _head(self) -> Generator[Event, None, bool]:
        end = self._held.find(b"\r\n\r\n", 0, LARGEST_HEAD + 4)
        if end < 0:
            if len(self._held) > LARGEST_HEAD:
                raise BadMultipart(f"expected the headers of a part within {LARGEST_HEAD} bytes")
            return False
        yield Head(_media_type(bytes(self._held[:end])))
        del self._held[: end + 4]
        self._state = _State.BODY
        return True


def _media_type(head: bytes) -> str:
    for line in head.decode("latin-1").split("\r\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.partition(";")[0].strip().lower()
    return ""


def boundary_of(content_type: str) -> tuple[str, str]:
    """The boundary of a Content-Type and the media type of its root, "" when it says none.

    Raises BadMultipart: it is not multipart/related, or has no boundary of 1 … 70 characters.
    """
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    if header.get_content_type() != "multipart/related":
        raise BadMultipart(f"expected multipart/related, got {content_type[:80]!r}")
    boundary, kind = header.get_param("boundary"), header.get_param("type")
    if not isinstance(boundary, str) or not 0 < len(boundary) <= 70 or not boundary.isascii():
        raise BadMultipart("expected a boundary of 1 to 70 characters in the Content-Type")
    return boundary, kind.strip().lower() if isinstance(kind, str) else ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The bytes around the parts of a body that is sent: `heads[n]`, part n, …, `tail`."""

    content_type: str
    heads: Sequence[bytes]
    tail: bytes

    def length(self, sizes: Sequence[int]) -> int:
        """Bytes of the whole body, when the parts have these `sizes`."""
        return sum(map(len, self.heads)) + sum(sizes) + len(self.tail)


def envelope(root: str, boundary: str, parts: Sequence[tuple[str, int, str | None]]) -> Envelope:
    """For `parts`: media type, bytes, and the address of what it is (Content-Location), if that is said.

    `boundary` must be in no part: 128 random bits are not. `root`: the media type of the first.
    """
    heads = [_part_head(boundary, *part) for part in parts]
    heads[1:] = [b"\r\n" + head for head in heads[1:]]
    media_type = f'multipart/related; type="{root}"; boundary={boundary}'
    return Envelope(media_type, heads, f"\r\n--{boundary}--\r\n".encode("latin-1"))


def _part_head(boundary: str, kind: str, size: int, location: str | None) -> bytes:
    lines = [f"--{boundary}", f"Content-Type: {kind}", f"Content-Length: {size}"]
    if location is not None:
        lines.append(f"Content-Location: {location}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")
