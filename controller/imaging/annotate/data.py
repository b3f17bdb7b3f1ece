"""Reading DICOM JSON (PS3.18, Annex F) that somebody else wrote: what is not as it should be is not there."""

from collections.abc import Mapping
from math import isfinite
from typing import Any, cast

Item = Mapping[str, Any]
"""A data set, or an item of a sequence: elements by tag, "00100020"."""


def values(item: Item, tag: str) -> list[Any]:
    """The values of an element; none if there is no such element."""
    element = item.get(tag)
    found = cast(Item, element).get("Value") if isinstance(element, Mapping) else None
    return cast(list[Any], found) if isinstance(found, list) else []


def texts(item: Item, tag: str) -> list[str]:
    """Those of its values that are texts, in order."""
    return [value for value in values(item, tag) if isinstance(value, str)]


def text(item: Item, tag: str) -> str:
    """The first value, if it is a text; else ""."""
    return next(iter(texts(item, tag)), "")


def numbers(item: Item, tag: str) -> list[float]:
    """The values, if all of them are finite numbers; else none. IS and DS may be texts (PS3.18, F.2.3)."""
    read = [_number(value) for value in values(item, tag)]
    found = [value for value in read if value is not None]
    return found if len(found) == len(read) else []


def number(item: Item, tag: str, otherwise: float) -> float:
    """The first value, if it is a finite number."""
    return next(iter(numbers(item, tag)), otherwise)


def items(item: Item, tag: str) -> list[Item]:
    """The items of a sequence."""
    return [cast(Item, value) for value in values(item, tag) if isinstance(value, Mapping)]


def first(item: Item, *tags: str) -> Item:
    """The first item of the first item … of these sequences, one within the other; an empty one without."""
    for tag in tags:
        item = next(iter(items(item, tag)), {})
    return item


def name(item: Item, tag: str) -> str:
    """A person's name as a file has it: "Yamada^Tarou=山田^太郎=やまだ^たろう"."""
    told = next(iter(values(item, tag)), None)
    if not isinstance(told, Mapping):
        return ""
    groups = [cast(Item, told).get(group) for group in ("Alphabetic", "Ideographic", "Phonetic")]
    return "=".join(group if isinstance(group, str) else "" for group in groups).rstrip("=")


def _number(value: object) -> float | None:
    try:
        read = float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
    return read if read is not None and isfinite(read) else None
