"""What is in an image, read in place. How one is made, and its form: `devices/wire/node_image.py`."""

import struct

HEAD = 32
"""Bytes before the list of files."""
_MARK = b"WLN1"


def head(data: bytes) -> tuple:
    """(version, size, number of files, board) of the image that begins with `data`. Raises ValueError."""
    if len(data) < HEAD or data[:4] != _MARK:
        raise ValueError("no image")
    version, size, count, board = struct.unpack("<IIH18s", data[4:HEAD])
    return version, size, count, board.rstrip(b"\0")


def files(read) -> dict:
    """By name: where the file begins, and its size. `read(at, size)` gives bytes. Raises ValueError."""
    _, size, count, _ = head(read(0, HEAD))
    rows, at = [], HEAD
    for _ in range(count):
        named = read(at, 1)[0]
        row = read(at + 1, named + 4)
        if len(row) < named + 4:
            raise ValueError("no image")
        rows.append((row[:named].decode(), struct.unpack("<I", row[named:])[0]))
        at += 5 + named
    found = {}
    for name, length in rows:
        found[name] = at, length
        at += length
    if at != size:
        raise ValueError("no image")
    return found
