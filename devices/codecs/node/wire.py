"""What the node's firmware and the gateway have in common: keys, kinds, inputs, the frame.

Plain integers and functions: this module is frozen into the firmware, and runs on MicroPython as it is.

    COBS( CBOR map with integer keys ‖ CRC-16/CCITT-FALSE of it, high byte first ) 00

The sizes: a map of at most MAX_BODY bytes; every number is unsigned, of 32 bits at the most.
"""

MAX_BODY = 240
"""Bytes of CBOR."""
MAX_FRAME = 244
"""Bytes between two 00, at the most: with the checksum, and what COBS adds."""

# keys of every map
KIND = 0
SEQUENCE = 1
BOOT = 2

# more keys of a report
OLDEST = 3
"""The oldest that the node still has; where there is a STREAM, the first that was not acknowledged."""
AT_MS = 4
NOW_MS = 5
KNOWN = 6
ACTIVE = 7

# more keys, of all that is not a report
STREAM = 8
"""A random number, made when the node's ring is formatted: SEQUENCE counts in it for ever."""
VALUES = 9
"""Flat: number of a metric, integer in its decimals or null, quality (a value) or reason (null)."""
METRIC = 10
RATE_MHZ = 11
DATA = 12
"""Bytes: int16, little-endian, or of an update."""
BOARD = 13
VERSION = 14
SOFTWARE = 15
SELF_TEST = 16
CAUSE = 17
METRICS = 18
LEVEL = 19
TEXT = 20
FIRST = 21
REASON = 22
OFFSET = 23
SIZE = 25
CODE = 26
BATTERY = 27
"""Percent; in HELLO, where there is one."""

# kinds; "numbered" ones have STREAM, SEQUENCE, BOOT, OLDEST, are kept until acknowledged, and come again
REPORT = 1
ACKNOWLEDGE = 2
"""To the node: all up to SEQUENCE is in the journal; with STREAM, or (of REPORT) with BOOT."""
HELLO = 3
"""STREAM, BOOT, SEQUENCE (the next), OLDEST, NOW_MS, BOARD, VERSION, SOFTWARE, SELF_TEST, CAUSE, METRICS."""
READINGS = 4
"""Numbered: AT_MS, NOW_MS (null: of a boot that is over), VALUES."""
SAMPLES = 5
"""Numbered: AT_MS of the first sample, NOW_MS, METRIC, RATE_MHZ, DATA."""
LOG = 6
"""LEVEL (10 debug to 40 error), TEXT."""
GAP = 7
"""Numbered: what the node lost, FIRST to SEQUENCE, and REASON."""
ASK = 8
"""To the node: say HELLO."""
OFFER = 9
"""To the node: an update, BOARD (bytes), VERSION, SIZE, DATA: its SHA-256. Answer: WANT, or VERDICT.

A node on trial, or about to begin another version, does not answer: offer again.
"""
CHUNK = 10
"""To the node: OFFSET, a multiple of CHUNK_MOST, and DATA, of so many bytes or what is left. Answer: WANT."""
WANT = 11
"""OFFSET: the next byte that the node has not. SIZE: it has all, and a VERDICT comes."""
VERDICT = 12
"""What became of the update: CODE, VERSION, TEXT."""
SWITCH = 13
"""To the node: begin VERSION, which was taken. Answer: a VERDICT, once it is healthy or has fallen back."""

CHUNK_MOST = 128
"""Bytes of DATA in a CHUNK."""

# codes of a verdict
TAKEN = 0
RUNNING = 1
REFUSED_BOARD = 2
REFUSED_VERSION = 3
REFUSED_SIZE = 4
DIGEST_WRONG = 5
FLASH_FAILED = 6
FELL_BACK = 7
NOTHING_TAKEN = 8

# reasons of a gap
FULL = 1
"""Nobody acknowledged, and the ring is full."""
DAMAGED = 2
"""The flash does not have any more what was written to it."""

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

SELF_TESTS = ("computes", "clock", "flash", "ring", "sensors", "supply")
"""By bit, from the lowest, of SELF_TEST (what failed)."""
CAUSES = ("unknown", "power-on", "reset-pin", "watchdog", "software", "update", "wake", "brown-out")
"""By number, CAUSE of the last reset."""
UPDATE_CODES = (
    "taken",
    "running",
    "refused-board",
    "refused-version",
    "refused-size",
    "digest-wrong",
    "flash-failed",
    "fell-back",
    "nothing-taken",
)
"""By number, CODE of a verdict: whole but not begun; healthy; refused (not newer, …); not healthy; …"""


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
