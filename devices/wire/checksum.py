"""CRC-32C (Castagnoli; RFC 3720, appendix B.4), as blocks and the journal use it."""

import google_crc32c


def crc32c(data: bytes) -> int:
    """The checksum of `data`, 0 to 2^32 - 1."""
    return int(google_crc32c.value(data))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
