"""A dataclass's shape on the wire in one version, worked out once from its annotations (see `wire.py`)."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin, get_type_hints

from devices.codecs.vda5050.errors import BadField, Unsayable
from devices.codecs.vda5050.values import (
    Anything,
    Codec,
    Flag,
    Many,
    Named,
    Number,
    Parameter,
    Text,
    Word,
    an_object,
)
from devices.codecs.vda5050.version import Version
from devices.codecs.vda5050.wire import NO_BOUNDS, Bounds, Renamed, Wire

Hint = Any


@dataclass(frozen=True, slots=True)
class Member:
    """One attribute: its names and its values."""

    attribute: str
    names: tuple[str, ...]
    """What it is called; others are understood, too."""
    codec: Codec
    needed: bool
    known: bool
    """Whether this version has it."""
    flat: bool
    default: object

    def read(self, item: dict[str, object]) -> Any:
        """Its value in an object, or its default. Raises BadField."""
        name = next((name for name in self.names if name in item), None)
        if name is None and self.needed:
            raise BadField("expected it, got nothing", self.names[0])
        if name is None:
            return self.default
        try:
            return self.codec.read(item[name])
        except BadField as bad:
            raise bad.under(name) from None

    def write(self, value: Any, into: dict[str, object]) -> None:
        """Put it there, unless there is nothing to say. Raises Unsayable."""
        if not self.known:
            if value != self.default:
                raise Unsayable("this version of the standard has no such member", self.names[0])
        elif value is not None:
            try:
                into[self.names[0]] = self.codec.write(value)
            except Unsayable as bad:
                raise bad.under(self.names[0]) from None
        elif self.needed:
            raise Unsayable("this version of the standard needs it, got nothing", self.names[0])


@dataclass(frozen=True, slots=True)
class Shape:
    """A dataclass in one version: a Codec."""

    kind: type[Any]
    version: Version
    members: tuple[Member, ...]

    def known_names(self) -> set[str]:
        """Every name on the wire that is not extra."""
        flat = [cast(Shape, one.codec).known_names() for one in self.members if one.flat]
        return {one.names[0] for one in self.members if one.known and not one.flat}.union(*flat)

    def read(self, item: object) -> Any:
        """The dataclass. Raises BadField."""
        content = an_object(item)
        values = {one.attribute: self._value(one, content) for one in self.members if one.known}
        if _has_extra(self.kind):
            used = self.known_names() | self._understood(content)
            values["extra"] = {name: one for name, one in content.items() if name not in used}
        made = self.kind(**values)
        fault = _fault(made, self.version)
        if fault:
            raise BadField(*fault)
        return made

    def write(self, value: Any) -> dict[str, object]:
        """The object. Raises Unsayable."""
        fault = _fault(value, self.version)
        if fault:
            raise Unsayable(*fault)
        made: dict[str, object] = {}
        for one in self.members:
            if one.flat:
                made |= cast(Shape, one.codec).write(getattr(value, one.attribute))
            else:
                one.write(getattr(value, one.attribute), made)
        extra: Mapping[str, object] = value.extra if _has_extra(self.kind) else {}
        for name in extra.keys() & self.known_names():
            raise Unsayable("it is in extra, but this version has it: set the attribute instead", name)
        return {**made, **extra}

    def _value(self, one: Member, content: dict[str, object]) -> Any:
        return one.codec.read(content) if one.flat else one.read(content)

    def _understood(self, content: dict[str, object]) -> set[str]:
        """Other names that were taken for a member."""
        found = {one: next((n for n in one.names if n in content), "") for one in self.members if one.known}
        return set(found.values())


@cache
def shape(kind: type[Any], version: Version) -> Shape:
    """The shape of a dataclass."""
    hints = get_type_hints(kind, include_extras=True)
    plain = [one for one in fields(kind) if one.name != "extra"]
    return Shape(
        kind, version, tuple(_member(one.name, hints[one.name], one.default, version) for one in plain)
    )


def _member(attribute: str, hint: Hint, default: object, version: Version) -> Member:
    inner, optional, notes = _without_none(hint)
    wire = next((note for note in notes if isinstance(note, Wire)), Wire())
    known = version in wire.only
    return Member(
        attribute,
        (wire.name(attribute, version), *wire.also),
        codec_of(inner, version, notes),
        needed=known and (not optional or version in wire.needed),
        known=known,
        flat=wire.flat,
        default=None if default is MISSING else default,
    )


def _without_none(hint: Hint) -> tuple[Hint, bool, tuple[Any, ...]]:
    """The type, whether it may be None, and what was annotated."""
    notes: tuple[Any, ...] = ()
    if get_origin(hint) is Annotated:
        hint, *more = get_args(hint)
        notes = tuple(more)
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
        inner, _, more = _without_none(hint)
        return inner, True, (*notes, *more)
    return hint, False, notes


def codec_of(hint: Hint, version: Version, notes: tuple[Any, ...] = ()) -> Codec:
    """What reads and writes values of this type."""
    if get_origin(hint) is Annotated:
        inner, _, more = _without_none(hint)
        return codec_of(inner, version, (*notes, *more))
    if get_origin(hint) in (tuple, Mapping):
        return _of_many(hint, version)
    if hint in (int, float):
        return _number(hint, version, notes)
    if hint is str:
        words = next((note.in_3 for note in notes if isinstance(note, Renamed)), ())
        return Text(words if version.major == 3 else ())
    if hint is bool:
        return Flag()
    return _of_class(hint, version)


def _of_many(hint: Hint, version: Version) -> Codec:
    if get_origin(hint) is tuple:
        return Many(codec_of(get_args(hint)[0], version))
    inner = get_args(hint)[1]
    return Named(Anything() if inner is object else codec_of(inner, version))


def _number(hint: type[Any], version: Version, notes: tuple[Any, ...]) -> Number:
    bounds = next((note for note in notes if isinstance(note, Bounds)), NO_BOUNDS)
    wire = next((note for note in notes if isinstance(note, Wire)), Wire())
    return Number(bounds, hint is int or version in wire.whole)


def _of_class(hint: type[Any], version: Version) -> Codec:
    if hint is object:
        return Parameter(version)
    if issubclass(hint, StrEnum):
        return Word(hint, version)
    own = getattr(hint, "codec_in", None)
    found: Codec | None = own(version) if own else None
    assert is_dataclass(hint)
    return found or shape(hint, version)


def _has_extra(kind: type[Any]) -> bool:
    return any(one.name == "extra" for one in fields(kind))


def _fault(value: Any, version: Version) -> tuple[str, str] | None:
    """What a dataclass says against itself and of which member, where it has a `fault`."""
    own = getattr(value, "fault", None)
    return own(version) if own else None
