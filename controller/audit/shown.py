"""Which patients an answer shows: found in the answer itself, so that no route can forget to tell.

patients_in({"bed": {"patient": {"identifier": "P1", …}}})     # {"P1"}

Whatever is called `patient` is one: an identifier, or an object that has one; and `patients` are some.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import orjson

_MARK = b'"patient'


@lru_cache(8)  # the same event goes to many readers
def patients_in_json(data: bytes) -> frozenset[str]:
    """Identifiers of the patients whom the JSON text `data` names."""
    return patients_in(orjson.loads(data)) if _MARK in data else frozenset()


def patients_in(item: Any) -> frozenset[str]:
    """Identifiers of the patients whom `item`, made of dictionaries and lists, names."""
    return frozenset(_walk(item))


def _walk(item: Any) -> Iterator[str]:
    if isinstance(item, list):
        for part in item:
            yield from _walk(part)
    elif isinstance(item, dict):
        for name, value in item.items():
            if name in ("patient", "patients"):
                yield from _named(value)
            yield from _walk(value)


def _named(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        identifier = one.get("identifier") if isinstance(one, dict) else one
        if isinstance(identifier, str):
            yield identifier
