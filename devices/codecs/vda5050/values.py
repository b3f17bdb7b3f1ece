"""Reading and writing the values of members: text, numbers, words, lists, objects of any content.

Each has `read(item)`, from what json gave, and `write(value)`, to what json takes. Raise BadField, Unsayable.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import NoneType
from typing import Any, Protocol, cast

from devices.codecs.vda5050.errors import BadField, Unsayable
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.wire import NO_BOUNDS, Bounds
from devices.codecs.vda5050.words import spelled


class Codec(Protocol):
    """One type of value, in one version."""

    def read(self, item: object) -> Any:
        """The value that came. Raises BadField."""
        ...

    def write(self, value: Any) -> object:
        """How it goes out. Raises Unsayable."""
        ...


def told(item: object) -> str:
    """What came, short enough for a message."""
    return f"{type(item).__name__} {str(item)[:60]!r}"


@dataclass(frozen=True, slots=True)
class Text:
    """A string; `renamed` are words of version 2 with those of this version."""

    renamed: tuple[tuple[str, str], ...] = ()

    def read(self, item: object) -> str:
        """As version 2 says it."""
        if not isinstance(item, str):
            raise BadField(f"expected a string, got {told(item)}")
        return {theirs: ours for ours, theirs in self.renamed}.get(item, item)

    def write(self, value: str) -> str:
        """As this version says it."""
        return dict(self.renamed).get(value, value)


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false."""

    def read(self, item: object) -> bool:
        """The flag."""
        if not isinstance(item, bool):
            raise BadField(f"expected true or false, got {told(item)}")
        return item

    def write(self, value: bool) -> bool:
        """The flag."""
        return value


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number within bounds; `whole`: an integer, which may have been sent as 5.0."""

    bounds: Bounds = NO_BOUNDS
    whole: bool = False

    def read(self, item: object) -> float:
        """The number."""
        if isinstance(item, bool) or not isinstance(item, int | float):
            raise BadField(f"expected a number, got {told(item)}")
        if self.whole and not float(item).is_integer():
            raise BadField(f"expected a whole number, got {item}")
        fault = self.bounds.fault(item)
        if fault:
            raise BadField(fault)
        return int(item) if self.whole else item

    def write(self, value: float) -> float:
        """The number."""
        fault = self.bounds.fault(value) if math.isfinite(value) else f"expected a finite number, got {value}"
        if self.whole and not fault and not float(value).is_integer():
            fault = f"this version of the standard has whole numbers only, got {value}"
        if fault:
            raise Unsayable(fault)
        return int(value) if self.whole else value


@dataclass(frozen=True, slots=True)
class Word:
    """A member of an enumeration."""

    kind: type[StrEnum]
    version: Version

    def read(self, item: object) -> StrEnum:
        """The member."""
        words = spelled(self.kind, self.version)
        for member, word in words.items():
            if item == word:
                return member
        raise BadField(f"expected one of {', '.join(words.values())}, got {told(item)}")

    def write(self, value: StrEnum) -> str:
        """Its word in this version."""
        words = spelled(self.kind, self.version)
        if value not in words:
            raise Unsayable(f"version {self.version} has no {value}: expected {', '.join(words.values())}")
        return words[value]


@dataclass(frozen=True, slots=True)
class Many:
    """A list of one type, as a tuple."""

    each: Codec

    def read(self, item: object) -> tuple[Any, ...]:
        """The values."""
        if not isinstance(item, list):
            raise BadField(f"expected a list, got {told(item)}")
        found: list[Any] = []
        for place, one in enumerate(cast(list[object], item)):
            try:
                found.append(self.each.read(one))
            except BadField as bad:
                raise bad.under(f"[{place}]") from None
        return tuple(found)

    def write(self, value: tuple[Any, ...]) -> list[object]:
        """The values."""
        found: list[object] = []
        for place, one in enumerate(value):
            try:
                found.append(self.each.write(one))
            except Unsayable as bad:
                raise bad.under(f"[{place}]") from None
        return found


@dataclass(frozen=True, slots=True)
class Named:
    """An object whose names are free and whose values are of one type."""

    each: Codec

    def read(self, item: object) -> dict[str, Any]:
        """The values by name."""
        found: dict[str, Any] = {}
        for name, one in an_object(item).items():
            try:
                found[name] = self.each.read(one)
            except BadField as bad:
                raise bad.under(name[:60]) from None
        return found

    def write(self, value: Mapping[str, Any]) -> dict[str, object]:
        """The values by name."""
        return {name: self.each.write(one) for name, one in value.items()}


@dataclass(frozen=True, slots=True)
class Anything:
    """Any JSON value, kept as it came."""

    def read(self, item: object) -> object:
        """The same."""
        return item

    def write(self, value: object) -> object:
        """The same."""
        return value


@dataclass(frozen=True, slots=True)
class Parameter:
    """The value of an action's parameter: any JSON value but null; an object since 2.1 only."""

    version: Version

    def read(self, item: object) -> Any:
        """The same."""
        kind = type(item)
        if kind is NoneType or (self.version is Version.V2_0 and kind is dict):
            raise BadField(f"expected any value but null (in 2.0: and objects), got {kind.__name__}")
        return item

    def write(self, value: object) -> object:
        """The same."""
        try:
            self.read(value)
        except BadField as bad:
            raise Unsayable(f"version {self.version}: {bad.why}") from None
        return value


def an_object(item: object) -> dict[str, object]:
    """The JSON object that it is. Raises BadField."""
    if not isinstance(item, dict):
        raise BadField(f"expected an object, got {told(item)}")
    return cast(dict[str, object], item)
