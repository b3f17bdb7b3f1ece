"""A search as PS3.18 writes it: the parameters of 8.3.4 and 10.6.1, read and checked. Pure.

search = parse(Level.SERIES, [("PatientName", "mus*"), ("limit", "10")], study="1.2.3")
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from controller.imaging.dicomweb.keys import Key, Level, key, tag_of
from controller.imaging.errors import BadQuery

LARGEST_PAGE: Final = 1000
"""Results in one answer, whatever is asked for ("maxResults" of PS3.18, 8.3.4.4.1)."""
LONGEST_VALUE: Final = 1024
MOST_MATCHES: Final = 32
_LARGEST: Final = 2**53
_UNIVERSAL: Final = frozenset({"", "*", "**", '""'})
"""Values that match everything, so that the attribute is only asked for (PS3.4, C.2.2.2.3)."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for."""

    level: Level
    matches: tuple[tuple[Key, str], ...] = ()
    include: frozenset[str] = frozenset()
    """Tags to be given beside those that always are."""
    everything: bool = False
    """All attributes of the level that there are."""
    fuzzy: bool = False
    limit: int = LARGEST_PAGE
    offset: int = 0
    in_study: bool = False
    """The address named the study: what is known of it is not told again."""
    in_series: bool = False

    def value(self, tag: str) -> str:
        """What the attribute must match; "": anything."""
        return next((value for key, value in self.matches if key.tag == tag), "")


def parse(
    level: Level, parameters: Iterable[tuple[str, str]], study: str | None = None, series: str | None = None
) -> Search:
    """The search for `level` with the `parameters` of a request, in `study` and `series` if those are given.

    Raises BadQuery: what is not understood is never left out, since then more would be found than was
    asked for.
    """
    matches: dict[str, tuple[Key, str]] = {}
    include: set[str] = set()
    options: dict[str, str] = {}
    for name, value in (*parameters, *_of_path(study, series)):
        if len(value) > LONGEST_VALUE or "\0" in value:
            raise BadQuery(f"{name[:40]}: expected at most {LONGEST_VALUE} characters without NUL")
        if name == "includefield":
            include.update(part.strip() for part in value.split(",") if part.strip())
        elif name in _OPTIONS:
            if name in options:
                raise BadQuery(f"expected {name} once, it comes twice")
            options[name] = value
        else:
            _match(level, name, value, matches, include)
    if len(matches) > MOST_MATCHES:
        raise BadQuery(f"expected at most {MOST_MATCHES} attributes to match, got {len(matches)}")
    everything = "all" in include
    return Search(
        level,
        tuple(matches.values()),
        frozenset(tag_of(name) for name in include - {"all"}),
        everything,
        _flag(options.get("fuzzymatching", "false")),
        min(_count("limit", options.get("limit", str(LARGEST_PAGE))), LARGEST_PAGE),
        _count("offset", options.get("offset", "0")),
        in_study=study is not None,
        in_series=series is not None,
    )


_OPTIONS: Final = frozenset({"fuzzymatching", "limit", "offset"})


def _of_path(study: str | None, series: str | None) -> list[tuple[str, str]]:
    both = (("0020000D", study), ("0020000E", series))
    return [(tag, uid) for tag, uid in both if uid is not None]


def _match(
    level: Level, name: str, value: str, matches: dict[str, tuple[Key, str]], include: set[str]
) -> None:
    if value in _UNIVERSAL:
        include.add(name)
        return
    attribute = key(name, level)
    if attribute.tag in matches and matches[attribute.tag][1] != value:
        raise BadQuery(f"expected {name} once, it comes with two values: a list has commas")
    matches[attribute.tag] = attribute, value


def _flag(value: str) -> bool:
    if value not in ("true", "false"):
        raise BadQuery(f"fuzzymatching: expected true or false, got {value!r}")
    return value == "true"


def _count(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal() and len(value) < 17 and int(value) < _LARGEST):
        raise BadQuery(f"{name}: expected a whole number from 0, got {value!r}")
    return int(value)
