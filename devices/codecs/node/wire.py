"""What the node's firmware and the gateway have in common: keys, kinds, inputs, the frame.

Plain integers and functions: this module is frozen into the firmware, and runs on MicroPython as it is.

    COBS( CBOR map with integer keys ‖ CRC-16/CCITT-FALSE of it, high byte first ) 00

The sizes: a map of at most MAX_BODY bytes; every number is unsigned, of 32 bits at the most.
"""

MAX_BODY = 128
"""Bytes of CBOR."""
MAX_FRAME = MAX_BODY + 4
"""Bytes between two 00: with the checksum, and what COBS adds."""

# keys of every map
KIND = 0
SEQUENCE = 1
BOOT = 2

# more keys of a report
OLDEST = 3
AT_MS = 4
NOW_MS = 5
KNOWN = 6
ACTIVE = 7

# kinds
REPORT = 1
ACKNOWLEDGE = 2

INPUTS = (
    "door-open",
    "rear-door-open",
    "siren-on",
    "beacon-on",
    "stretcher-loaded",
    "ignition-on",
    "shore-power",
    "help-called",
)
"""By bit, from the lowest, of KNOWN (inputs that are wired) and ACTIVE."""


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 1021, begun with FFFF; by half bytes, of which no product carries."""
    crc = 0xFFFF
    for byte in data:
        crc = (crc << 4 ^ 0x1021 * (crc >> 12 ^ byte >> 4)) & 0xFFFF
        crc = (crc << 4 ^ 0x1021 * (crc >> 12 ^ byte & 15)) & 0xFFFF
    return crc


def frame(body: bytes) -> bytes:
    """The frame of a CBOR map, with its 00. COBS needs no more than this for less than 254 bytes."""
    rest = body + crc16(body).to_bytes(2, "big")
    out = bytearray()
    for block in (rest + b"\0").split(b"\0")[:-1]:
        out += bytes((len(block) + 1,)) + block
    return bytes(out) + b"\0"


def unstuffed(stuffed: bytes) -> bytes:
    """What COBS made of it, without its 00, undone; empty if it cannot be."""
    out = bytearray()
    at = 0
    while at < len(stuffed):
        size = stuffed[at]
        block = stuffed[at + 1 : at + size]
        if size == 0 or len(block) < size - 1:
            return b""
        out += block
        at += size
        if at < len(stuffed):
            out.append(0)
    return bytes(out)


def body(rest: bytes) -> bytes:
    """The CBOR map in an unstuffed frame; empty if the checksum is wrong."""
    if len(rest) < 3 or crc16(rest[:-2]) != int.from_bytes(rest[-2:], "big"):
        return b""
    return rest[:-2]
