"""What a node checks of itself at boot: a bit for each check that failed, as SELF_TEST tells it.

failed = run([computes, lambda: advances(time.ticks_us)])
"""

from devices.codecs.node import wire
from firmware.core import cbor
from firmware.core.scale import scaled


def run(checks: list) -> int:
    """Bit n is set if `checks[n]` gave False, or raised what a machine raises. Names: `wire.SELF_TESTS`."""
    failed = 0
    for bit in range(len(checks)):
        try:
            good = checks[bit]()
        except (OSError, ValueError, MemoryError):
            good = False
        failed |= 0 if good else 1 << bit
    return failed


def computes() -> bool:
    """Whether checksum, codec and arithmetic give what they must: CRC's catalogue, RFC 8949, a half."""
    said, heard = {1: [500, None], 2: b"\x00"}, {1: -1, 2: b"\x00"}
    sums = wire.crc16(b"123456789") == 0x29B1 and wire.unstuffed(b"\x01\x02\x05") == b"\x00\x05"
    says = cbor.dumps(said) == b"\xa2\x01\x82\x19\x01\xf4\xf6\x02\x41\x00"
    return sums and says and cbor.loads(cbor.dumps(heard)) == heard and scaled(-5, 1, 2) == -3


def advances(ticks, most: int = 100000) -> bool:
    """Whether a clock moves within `most` looks at it."""
    first = ticks()
    return any(ticks() != first for _ in range(most))
