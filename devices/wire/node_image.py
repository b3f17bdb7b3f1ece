"""The image that a node is updated with: the files of one version for one board, in one piece of bytes.

    data = pack("pico_w", 7, {"firmware/hal/main.mpy": compiled, …})
    image = read(data)                     # raises WireError

Numbers are little-endian. It is read in place, on the node, by `firmware/core/contents.py`:

    "WLN1"; version, size of the whole (32 bits); number of files (16 bits); board (18 bytes, filled with 00)
    for each file, by name: length of its name (8 bits), its name, its size (32 bits)
    the files, in the same order, without anything between them

There is one way to write an image: whatever `pack` would not have made is refused. What says that an image is
ours is the signed manifest that has its digest; nothing in the image does.
"""

import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from devices.errors import Malformed, MessageTooLarge

MAX_IMAGE = 1 << 20
"""Bytes: more than any board's slot has."""
_MARK = b"WLN1"
_HEAD = struct.Struct("<4sIIH18s")
_BOARD = re.compile(r"[a-z0-9_]{1,18}")
_NAME = re.compile(r"[A-Za-z0-9_]+(/[A-Za-z0-9_]+)*\.mpy")
_MOST_NAME = 100
_LARGEST = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class NodeImage:
    """The files of a version for a board, by name."""

    board: str
    version: int
    files: Mapping[str, bytes]


def pack(board: str, version: int, files: Mapping[str, bytes]) -> bytes:
    """The image. Raises WireError: a name, a version or a size that an image cannot have."""
    if not _BOARD.fullmatch(board):
        raise Malformed(f"expected a board's name of at most 18 small letters, digits and _, got {board!r}")
    if not 0 < version <= _LARGEST:
        raise Malformed(f"expected a version from 1 to {_LARGEST}, got {version}")
    wrong = [name for name in files if len(name) > _MOST_NAME or not _NAME.fullmatch(name)]
    if wrong or not files:
        raise Malformed(f"expected names of .mpy files, of at most {_MOST_NAME} letters, got {wrong}")
    names = sorted(files)
    rows = [bytes((len(name),)) + name.encode() + struct.pack("<I", len(files[name])) for name in names]
    rest = b"".join([*rows, *(files[name] for name in names)])
    size = _HEAD.size + len(rest)
    if size > MAX_IMAGE:
        raise MessageTooLarge(f"expected at most {MAX_IMAGE} bytes of image, got {size}: leave files out")
    return _HEAD.pack(_MARK, version, size, len(names), board.encode()) + rest


def read(data: bytes) -> NodeImage:
    """What is in an image. Raises WireError unless it is whole and as `pack` makes it."""
    if len(data) < _HEAD.size or len(data) > MAX_IMAGE:
        raise Malformed(f"expected an image of {_HEAD.size} to {MAX_IMAGE} bytes, got {len(data)}")
    mark, version, size, count, board = _HEAD.unpack_from(data)
    if mark != _MARK or size != len(data):
        raise Malformed(f"expected {_MARK!r} and the size {len(data)} at the beginning, got {mark!r}, {size}")
    try:
        image = NodeImage(board.rstrip(b"\0").decode("ascii"), version, dict(_files(data, count)))
    except (UnicodeDecodeError, struct.error, IndexError) as error:
        raise Malformed(f"expected a list of {count} files: {error}") from error
    if pack(image.board, image.version, image.files) != data:
        raise Malformed("expected the files by name, each once, and nothing else")
    return image


def _files(data: bytes, count: int) -> Iterator[tuple[str, bytes]]:
    rows, at = list[tuple[str, int]](), _HEAD.size
    for _ in range(count):
        end = at + 1 + data[at]
        rows.append((data[at + 1 : end].decode("ascii"), *struct.unpack_from("<I", data, end)))
        at = end + 4
    for name, size in rows:
        yield name, data[at : at + size]
        at += size
