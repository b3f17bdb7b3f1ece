"""The micro:bit's image: MicroPython's (Debian's firmware-microbit-micropython), and our files behind it.

MicroPython 1.9.2 for the micro:bit keeps files in the pages that its program leaves: chunks of 128 bytes,
each with the number of the chunk before (FE: a file begins), 126 bytes, and the number of the one after (FF:
none). A file begins with where it ends in its last chunk, the length of its name, and its name; numbers begin
with 1. A page that begins with FD is not of the files; here it is the first (filesystem.c of its sources).
"""

from collections.abc import Mapping

PAGE = 1024
RING = 0x3F000
"""Where the ring begins (`firmware/microbit/nvmc.py`): the files end before."""
_CHUNK, _IN_CHUNK = 128, 126
_FLASH_END = 0x40000
_ENTRY = 16
"""Bytes of a line of Intel HEX."""


def files_begin(program: str) -> int:
    """Where the files begin behind a program in Intel HEX: at the next page."""
    used = (at + len(data) for at, data in _records(program))
    return -(-max(end for end in used if end <= _FLASH_END) // PAGE) * PAGE


def file_system(files: Mapping[str, str]) -> bytes:
    """The pages that hold `files`."""
    pages, number = bytearray(b"\xfd" + b"\xff" * (PAGE - 1)), 1
    for name, text in files.items():
        content = bytes((0, len(name))) + name.encode() + text.encode()
        # The end of a file may not be the end of its chunk.
        content += b"\n" if len(content) % _IN_CHUNK == 0 else b""
        content = bytes((len(content) % _IN_CHUNK,)) + content[1:]
        parts = [content[at : at + _IN_CHUNK] for at in range(0, len(content), _IN_CHUNK)]
        for place, part in enumerate(parts):
            before = number - 1 if place else 0xFE
            after = number + 1 if place + 1 < len(parts) else 0xFF
            pages += bytes((before,)) + part.ljust(_IN_CHUNK, b"\xff") + bytes((after,))
            number += 1
    return bytes(pages)


def image(program: str, files: Mapping[str, str]) -> str:
    """The program and the files in Intel HEX. Raises ValueError if they leave no room for the ring."""
    begin, pages = files_begin(program), file_system(files)
    if begin + len(pages) > RING:
        raise ValueError(
            f"expected at most {RING - begin} bytes of files, got {len(pages)}: make them smaller"
        )
    lines = program.strip().splitlines()
    return "\n".join([*lines[:-1], *_written(begin, pages), lines[-1], ""])


def _records(program: str) -> list[tuple[int, bytes]]:
    base, found = 0, list[tuple[int, bytes]]()
    for line in program.split():
        record = bytes.fromhex(line[1:])
        size, at, kind, data = record[0], int.from_bytes(record[1:3], "big"), record[3], record[4:-1]
        if kind == 0:
            found.append((base + at, data[:size]))
        elif kind in (2, 4):
            base = int.from_bytes(data, "big") << (4 if kind == 2 else 16)
    return found


def _written(begin: int, data: bytes) -> list[str]:
    lines = [_line(0, 4, (begin >> 16).to_bytes(2, "big"))]
    for at in range(0, len(data), _ENTRY):
        lines.append(_line((begin + at) & 0xFFFF, 0, data[at : at + _ENTRY]))
    return lines


def _line(at: int, kind: int, data: bytes) -> str:
    record = bytes((len(data),)) + at.to_bytes(2, "big") + bytes((kind,)) + data
    return f":{record.hex().upper()}{-sum(record) & 0xFF:02X}"
