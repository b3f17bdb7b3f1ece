"""The contract's shapes, item by item, for the decoders.

A CDDL validator in their place is not enough: pycddl 0.6 looks at one element of a repeated group, takes the
others on trust, and refuses keys that a newer sender may add. The tests hold the decoders against it.
"""

import re
from collections.abc import Callable
from typing import cast

from devices.errors import Malformed
from devices.model.identity import NAME_PATTERN
from devices.wire import keys
from devices.wire.strict import is_int

Check = Callable[[object], bool]

_NAME = re.compile(NAME_PATTERN)
_INTEGERS = -(2**64), 2**64 - 1


def integer(low: int = _INTEGERS[0], high: int = _INTEGERS[1]) -> Check:
    """Whether it is an integer from `low` to `high`."""
    return lambda item: is_int(item, low, high)


def octets(size: int) -> Check:
    """Whether it is a byte string of `size` bytes."""
    return lambda item: isinstance(item, bytes) and len(item) == size


def some_octets(longest: int) -> Check:
    """Whether it is a byte string of 1 to `longest` bytes."""
    return lambda item: isinstance(item, bytes) and 1 <= len(item) <= longest


def text(longest: int) -> Check:
    """Whether it is a text of 1 to `longest` bytes of UTF-8."""
    return lambda item: isinstance(item, str) and 1 <= len(item.encode()) <= longest


def listed(*checks: Check) -> Check:
    """Whether it is an array with exactly these items."""
    return lambda item: (
        isinstance(item, list)
        and len(cast(list[object], item)) == len(checks)
        and all(check(part) for check, part in zip(checks, cast(list[object], item), strict=True))
    )


def each(check: Check) -> Check:
    """Whether it is an array, each item of which passes."""
    return lambda item: isinstance(item, list) and all(check(part) for part in cast(list[object], item))


def mapping(key: Check, value: Check) -> Check:
    """Whether it is a map, each pair of which passes."""
    return lambda item: (
        isinstance(item, dict)
        and all(key(k) and value(v) for k, v in cast(dict[object, object], item).items())
    )


def optional(check: Check) -> Check:
    """Whether it is null or passes."""
    return lambda item: item is None or check(item)


def name(item: object) -> bool:
    """Whether it is a name (devices/model/identity.py)."""
    return isinstance(item, str) and _NAME.fullmatch(item) is not None


def line(item: object) -> bool:
    """Whether it is 1 to 1024 printable characters of ASCII."""
    return isinstance(item, str) and 1 <= len(item) <= 1024 and item.isascii() and item.isprintable()


def some(item: object) -> bool:
    """Whether it is an array that is not empty."""
    return isinstance(item, list) and bool(cast(list[object], item))


def array(item: object) -> bool:
    """Whether it is an array."""
    return isinstance(item, list)


def any_text(item: object) -> bool:
    """Whether it is a text."""
    return isinstance(item, str)


def any_bytes(item: object) -> bool:
    """Whether it is a byte string."""
    return isinstance(item, bytes)


def flag(item: object) -> bool:
    """Whether it is true or false."""
    return isinstance(item, bool)


def _detail_value(item: object) -> bool:
    return isinstance(item, str) or is_int(item, *_INTEGERS)


def _samples(item: object) -> bool:
    # strict.decode lets no other tag through.
    return isinstance(getattr(item, "value", None), bytes)


uint = integer(0)
code = text(48)
journal = octets(8)
lane = integer(0, 3)
produced = listed(uint, uint, uint, uint)
detail = mapping(any_text, _detail_value)
_decimal = listed(integer(), integer(-12, 12))
_quality = integer(0, 255)
_instant = listed(octets(16), uint)
_kind = integer(0, 8)
_chunk = some_octets(keys.MAX_CHUNK)

_RECORDS: dict[int, Check] = {
    keys.R_READING: listed(_kind, uint, integer(), integer(), integer(-12, 12), _quality),
    keys.R_ABSENT: listed(_kind, uint, integer(), integer(1, 255), _quality),
    keys.R_WAVEFORM: listed(
        _kind, uint, integer(), integer(1, 2**32 - 1), _decimal, _decimal, _samples, _quality
    ),
    keys.R_EVENT: listed(_kind, integer(), code, detail),
    keys.R_ALERT: listed(_kind, integer(), code, integer(1, 3), flag, detail),
    keys.R_GAP: listed(_kind, integer(), journal, lane, each(listed(uint, uint)), _instant, _instant, code),
    keys.R_OPENED: listed(_kind, integer(), mapping(journal, produced)),
    keys.R_DELTAS: listed(
        _kind, uint, integer(), integer(1, 2**32 - 1), _decimal, _decimal, uint, any_bytes, _quality
    ),
    keys.R_ATTACHMENT: listed(_kind, integer(), octets(32), integer(1, 2**32 - 1), uint, _chunk),
}


def check_record(item: object) -> None:
    """Raises Malformed unless `item` is one of the contract's records."""
    kind = cast(list[object], item)[0] if isinstance(item, list) and item else None
    if not (_kind(kind) and _RECORDS[cast(int, kind)](cast(object, item))):
        raise Malformed(f"expected a record of the contract, got {item!r:.80}")


def expect(check: Check, item: object, what: str) -> None:
    """Raises Malformed unless `item` passes."""
    if not check(item):
        raise Malformed(f"expected {what}, got {item!r:.80}")


def expect_version(item: object) -> None:
    """Raises Malformed unless `item` is the version of the contract that this software speaks."""
    version = keys.CONTRACT_VERSION
    if not is_int(item, version, version):
        raise Malformed(f"expected contract version {version}, got {item!r:.40}: update this side")
