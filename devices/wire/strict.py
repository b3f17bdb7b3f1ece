"""Decoding CBOR from strangers: whatever the contract does not need is refused.

cbor2 accepts by default indefinite lengths, duplicate keys, dates, bignums, shared references and
trailing bytes; each is a way to make two readers of one message disagree.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, NoReturn, TypeGuard, cast

import cbor2

from devices.errors import Malformed, MessageTooLarge
from devices.wire.keys import MAX_DEPTH, MAX_MESSAGE

TYPED_INT16_LE = 77
"""RFC 8746: sint16, little endian."""

_TAGS_WITH_MEANING = (0, 1, 2, 3, 4, 5, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004)
"""Tags that cbor2 would turn into objects of its own; 43000 and 55799 beside them."""


class _ForbiddenTag(Exception):
    pass


def _forbidden(*_: object) -> NoReturn:
    raise _ForbiddenTag


def _typed_array(tag: cbor2.CBORTag, *_: object) -> cbor2.CBORTag:
    if tag.tag != TYPED_INT16_LE or not isinstance(tag.value, bytes) or len(tag.value) % 2:
        raise _ForbiddenTag
    return tag


_DECODERS: dict[int, Callable[..., object]] = dict.fromkeys((*_TAGS_WITH_MEANING, 43000, 55799), _forbidden)


def decode(data: bytes, limit: int = MAX_MESSAGE) -> Any:
    """The one CBOR item in `data`. Raises MessageTooLarge or Malformed."""
    if len(data) > limit:
        raise MessageTooLarge(f"expected at most {limit} bytes, got {len(data)}: send smaller blocks")
    stream = BytesIO(data)
    decoder = cbor2.CBORDecoder(
        stream,
        tag_hook=_typed_array,
        semantic_decoders=_DECODERS,
        max_depth=MAX_DEPTH,
        allow_indefinite=False,
        allow_duplicate_keys=False,
    )
    try:
        item = decoder.decode()
    except (cbor2.CBORError, _ForbiddenTag, ValueError, TypeError, RecursionError) as error:
        raise Malformed(f"not CBOR as the contract allows it: {error or 'forbidden tag'}") from error
    if stream.read(1):
        raise Malformed(f"expected one CBOR item, got more bytes after it ({len(data)} in all)")
    return item


def is_int(value: object, low: int, high: int) -> TypeGuard[int]:
    """Whether `value` is an integer (not a bool) from `low` to `high`."""
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def as_map(item: object) -> dict[Any, Any]:
    """`item`, which has to be a map. Raises Malformed."""
    if not isinstance(item, dict):
        raise Malformed(f"expected a map, got {type(item).__name__}")
    return cast(dict[Any, Any], item)
