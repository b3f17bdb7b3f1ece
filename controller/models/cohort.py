"""A cohort: stays, what was read in them, and what became of the patients, as a folder of files.

    write(folder, cohort)
    cohort = read(folder)        # raises ModelError: file, line, expected, came

cohort.json    {"title", "data": "simulated" | "public" | "hospital", "source", "settings"}
stays.csv      stay,patient,ward,sex,age,began_ms,ended_ms          (sex and age may be empty; all have ended)
readings.csv   stay,parameter,at_ms,value                           (parameters and units: features.py)
events.csv     stay,at_ms,kind                                      (kinds: EVENTS)
"""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from controller.errors import ModelError
from controller.models.features import History, Series
from devices.model.scores_chart import CHART, Parameter

T = TypeVar("T")
Data = Literal["simulated", "public", "hospital"]
EVENTS = ("death", "cardiac-arrest", "unplanned-icu")
"""What counts as deterioration, as in the literature on early warning scores (Smith et al., Resuscitation
2013; 84: 465 to 470): death, cardiac arrest, admission to intensive care that was not planned."""
LONGEST_MS = 1000 * 86_400_000
"""No stay is longer."""
_HEADS = {
    "stays.csv": ["stay", "patient", "ward", "sex", "age", "began_ms", "ended_ms"],
    "readings.csv": ["stay", "parameter", "at_ms", "value"],
    "events.csv": ["stay", "at_ms", "kind"],
}
ABOUT = "cohort.json"


class CohortStay(NamedTuple):
    """A stay, times in ms. `sex` "" and `age` None (years): not known."""

    id: str
    patient: str
    ward: str
    sex: str
    age: int | None
    began_ms: int
    ended_ms: int


class Outcome(NamedTuple):
    """An event of a stay, of `EVENTS`."""

    at_ms: int
    kind: str


@dataclass(frozen=True, slots=True)
class About:
    """What a cohort is, in words, and how it was made."""

    title: str
    data: Data
    source: str
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Cohort:
    """`digest`: SHA-256 of its files."""

    about: About
    stays: Sequence[CohortStay]
    readings: Mapping[str, History]
    """By stay."""
    events: Mapping[str, Outcome]
    """The first of each stay that has one."""
    digest: str
    known_ms: tuple[int, int] | None = None
    """Readings are known from then on, and events until then; None: all of every stay."""


def made(
    about: About,
    stays: Sequence[CohortStay],
    readings: Iterable[tuple[str, Parameter, int, float]],
    events: Iterable[tuple[str, Outcome]],
) -> Cohort:
    """A cohort of rows, in any order."""
    kept, happened = sorted(set(readings)), sorted(set(events))
    digest = hashlib.sha256()
    for part in _files(about, sorted(stays), kept, happened).values():
        digest.update(part.encode())
    first: dict[str, Outcome] = {}
    for stay, outcome in happened:
        first.setdefault(stay, outcome)
    return Cohort(about, sorted(stays), _histories(kept), first, digest.hexdigest())


def write(folder: Path, cohort: Cohort) -> None:
    """Its files; the folder is made."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    rows = sorted(
        (stay, parameter, at_ms, value)
        for stay, history in cohort.readings.items()
        for parameter, series in history.items()
        for at_ms, value in zip(series.at_ms, series.values, strict=True)
    )
    for name, text in _files(cohort.about, cohort.stays, rows, sorted(cohort.events.items())).items():
        (folder / name).write_text(text, encoding="utf-8")


def read(folder: Path) -> Cohort:
    """What is in the folder. Raises ModelError."""
    about = _about(folder / ABOUT)
    stays = list(_rows(folder / "stays.csv", _stay))
    known = {stay.id for stay in stays}
    readings = list(_rows(folder / "readings.csv", _reading))
    events = list(_rows(folder / "events.csv", event_of))
    if lost := sorted({row[0] for row in (*readings, *events)} - known):
        raise ModelError(f"{folder}: stays.csv has no stay {lost[0]!r}: add its line")
    if len(known) < len(stays):
        raise ModelError(f"{folder / 'stays.csv'}: expected each stay once")
    began = {stay.id: stay.began_ms for stay in stays}
    if early := sorted(stay for stay, outcome in events if outcome.at_ms < began[stay]):
        raise ModelError(f"{folder / 'events.csv'}: expected no event before its stay, {early[0]!r} has one")
    return made(about, stays, readings, events)


def event_of(cells: Mapping[str, str]) -> tuple[str, Outcome]:
    """A line of events.csv. Raises ValueError."""
    if cells["kind"] not in EVENTS:
        raise ValueError(f"kind: expected one of {', '.join(EVENTS)}, got {cells['kind']!r}")
    return cells["stay"], Outcome(int(cells["at_ms"]), cells["kind"])


def lines(path: Path, head: Sequence[str], read_row: Callable[[Mapping[str, str]], T]) -> Iterator[T]:
    """What `read_row` makes of each line of a CSV file. Raises ModelError: file, line, expected, came."""
    try:
        table = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), strict=True)
        if (came := next(table, [])) != list(head):
            raise ModelError(f"{path}:1: expected {','.join(head)}, got {','.join(came)[:80]!r}")
        for cells in table:
            if len(cells) != len(head):
                raise ModelError(f"{path}:{table.line_num}: expected {len(head)} cells, got {len(cells)}")
            try:
                yield read_row(dict(zip(head, cells, strict=True)))
            except ValueError as error:
                raise ModelError(f"{path}:{table.line_num}: {error}") from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error


def _rows(path: Path, read_row: Callable[[Mapping[str, str]], T]) -> Iterator[T]:
    return lines(path, _HEADS[path.name], read_row)


def _about(path: Path) -> About:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        about = About(**told)
        json.dumps(told, ensure_ascii=False).encode()
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise ModelError(f"{path}: cannot be read: {error}") from error
    words = all(isinstance(one, str) for one in (about.title, about.source))
    if not words or about.data not in get_args(Data) or not isinstance(about.settings, dict):
        raise ModelError(f"{path}: expected title, source and data of {', '.join(get_args(Data))}")
    return about


def _stay(cells: Mapping[str, str]) -> CohortStay:
    age = int(cells["age"]) if cells["age"] else None
    began_ms, ended_ms = int(cells["began_ms"]), int(cells["ended_ms"])
    if not 0 <= ended_ms - began_ms <= LONGEST_MS:
        raise ValueError(f"ended_ms: expected at most 1000 days after began_ms, got {ended_ms - began_ms} ms")
    if age is not None and not 0 <= age <= 130:
        raise ValueError(f"age: expected years, got {age}")
    return CohortStay(cells["stay"], cells["patient"], cells["ward"], cells["sex"], age, began_ms, ended_ms)


def _reading(cells: Mapping[str, str]) -> tuple[str, Parameter, int, float]:
    value = float(cells["value"])
    if not isfinite(value):
        raise ValueError(f"value: expected a number, got {cells['value']!r}")
    parameter = Parameter(cells["parameter"])
    if parameter not in CHART and value not in (0, 1):
        raise ValueError(f"value: expected 0 or 1 for {parameter}, got {cells['value']!r}")
    return cells["stay"], parameter, int(cells["at_ms"]), value


def _histories(readings: Sequence[tuple[str, Parameter, int, float]]) -> dict[str, History]:
    """By stay and parameter, in order of time: `readings` are sorted."""
    found: dict[str, dict[Parameter, tuple[list[int], list[float]]]] = {}
    for stay, parameter, at_ms, value in readings:
        times, values = found.setdefault(stay, {}).setdefault(parameter, ([], []))
        times.append(at_ms)
        values.append(value)
    return {stay: {key: Series(*one) for key, one in series.items()} for stay, series in found.items()}


def _files(
    about: About,
    stays: Iterable[CohortStay],
    readings: Iterable[tuple[str, Parameter, int, float]],
    events: Iterable[tuple[str, Outcome]],
) -> dict[str, str]:
    told = {"title": about.title, "data": about.data, "source": about.source, "settings": about.settings}
    return {
        ABOUT: json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n",
        "stays.csv": _table("stays.csv", stays),
        "readings.csv": _table("readings.csv", readings),
        "events.csv": _table("events.csv", ((stay, *outcome) for stay, outcome in events)),
    }


def _table(name: str, rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADS[name])
    writer.writerows([["" if cell is None else str(cell) for cell in row] for row in rows])
    return text.getvalue()
