"""JSON from strangers: one object in UTF-8 that every reader reads alike, or NotJson; and JSON for them.

Refused: other bytes than UTF-8, a byte order mark, a name twice in one object, NaN, infinities and numbers
above 64 bits, halves of surrogate pairs, and depths that no message of the standard has.
"""

import json
import math
from collections import Counter
from typing import Any, NoReturn, cast

from devices.codecs.vda5050.errors import NotJson, TooLarge, Unsayable

MAX_DEPTH = 24
_LARGEST = 2**64


def parse(data: bytes, limit: int) -> dict[str, object]:
    """The object in `data`. Raises TooLarge, NotJson."""
    if len(data) > limit:
        raise TooLarge(f"expected at most {limit} bytes, got {len(data)}: send a shorter message")
    try:
        text = data.decode("utf-8")
        item = json.loads(
            text,
            object_pairs_hook=_no_name_twice,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_not_too_large,
        )
    except RecursionError:
        raise NotJson(f"expected at most {MAX_DEPTH} levels of objects and lists, got more") from None
    except ValueError as error:
        raise NotJson(f"expected a JSON object in UTF-8: {str(error)[:200]}") from None
    if not isinstance(item, dict):
        raise NotJson(f"expected a JSON object, got {type(item).__name__}")
    content = cast(dict[str, object], item)
    _judge(content)
    return content


def write(item: dict[str, object]) -> bytes:
    """The object as UTF-8. Raises Unsayable for what JSON cannot say."""
    try:
        _judge(item)
        text = json.dumps(item, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8")
    except (NotJson, ValueError, TypeError) as error:
        raise Unsayable(f"expected what JSON can say: {error}") from None


def _judge(item: object) -> None:
    """Depth and characters of everything in it. Raises NotJson."""
    waiting: list[tuple[object, int]] = [(item, 1)]
    while waiting:
        one, depth = waiting.pop()
        if isinstance(one, str):
            _characters(one)
        elif isinstance(one, dict | list | tuple):
            if depth > MAX_DEPTH:
                raise NotJson(f"expected at most {MAX_DEPTH} levels of objects and lists, got more")
            parts = cast(Any, one)
            names = list(parts) if isinstance(one, dict) else []
            inner = parts.values() if isinstance(one, dict) else parts
            waiting += [(part, depth + 1) for part in (*names, *inner)]


def _characters(text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotJson(f"expected whole characters, got half a surrogate pair in {text[:60]!a}") from None


def _no_name_twice(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"the name {twice[:60]!r} is there twice in one object")
    return made


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:40]} is too large")
    return value


def _not_too_large(text: str) -> int:
    value = int(text) if len(text) <= 21 else _LARGEST
    if abs(value) >= _LARGEST:
        raise ValueError(f"the number {text[:40]} has more than 64 bits")
    return value
