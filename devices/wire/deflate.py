"""Records compressed: raw DEFLATE (RFC 1951), and back with a bound on what may come out."""

import zlib

from devices.errors import Malformed, MessageTooLarge
from devices.wire.keys import MAX_MESSAGE

_RAW = -zlib.MAX_WBITS
"""No header and no checksum of zlib's own: the block has one."""


def deflate(data: bytes) -> bytes:
    """`data`, compressed."""
    return zlib.compress(data, zlib.Z_DEFAULT_COMPRESSION, _RAW)


def inflate(data: bytes, limit: int = MAX_MESSAGE) -> bytes:
    """What was compressed: at most `limit` bytes, whatever `data` says.

    Raises MessageTooLarge, or Malformed unless all of `data` is one whole stream.
    """
    stream = zlib.decompressobj(_RAW)
    try:
        plain = stream.decompress(data, limit + 1)
    except zlib.error as error:
        raise Malformed(f"expected records compressed as RFC 1951 has it: {error}") from error
    if len(plain) > limit:
        raise MessageTooLarge(f"expected at most {limit} bytes once inflated: send smaller blocks")
    if not stream.eof or stream.unused_data:
        raise Malformed("expected one whole compressed stream and nothing after it")
    return plain
