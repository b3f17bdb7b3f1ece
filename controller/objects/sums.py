"""What S3 says of an object that arrived as it is: its length, and its ETag where that is a sum. Pure.

A single put has the MD5 of its bytes as its ETag, one in parts the MD5 of the parts' MD5s and their number.
Where an endpoint encrypts by keys of a service the ETag is something else: then the bytes are read again.
Source: Amazon S3 API Reference, Object (ETag); User Guide, Checking object integrity.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PART = 8 << 20
"""Bytes of a part; what is not longer is put at once."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Of some bytes. `etag` has no quotation marks."""

    size: int
    sha256: bytes
    etag: str


def sums(content: bytes | Path) -> Sums:
    """Reads it once. Raises OSError."""
    whole, parts, size = hashlib.sha256(), list[bytes](), 0
    for part in _parts(content):
        whole.update(part)
        size += len(part)
        parts.append(hashlib.md5(part, usedforsecurity=False).digest())
    if len(parts) == 1:
        return Sums(size, whole.digest(), parts[0].hex())
    return Sums(
        size,
        whole.digest(),
        f"{hashlib.md5(b''.join(parts), usedforsecurity=False).hexdigest()}-{len(parts)}",
    )


def _parts(content: bytes | Path) -> Iterator[bytes]:
    """At least one."""
    if isinstance(content, bytes):
        yield content[:PART]
        for at in range(PART, len(content), PART):
            yield content[at : at + PART]
        return
    with content.open("rb") as file:
        yield file.read(PART)
        while part := file.read(PART):
            yield part
