"""The runs of one day, from a seed: where the vehicle is when, who is on board, and what goes wrong.

    runs = day(Random(7))           # twelve runs, each kind of trouble at least once

All times are seconds since the run began.
"""

from dataclasses import dataclass
from enum import StrEnum
from random import Random

ENTERS_S = 60
"""The first patient of a run comes on board after so long."""
PATIENT_S = (900, 1500)
"""A patient is on board so long, at least and at most."""
BETWEEN_S = 90
"""Between two patients in a row."""
LEAVES_S = 120
"""The run goes on so long after the last has left."""


class Road(StrEnum):
    """What the way to the hospital is like."""

    CITY = "city"
    """Good, with some loss."""
    NARROW = "narrow"
    """16 kbit/s for each connection."""
    TUNNEL = "tunnel"
    """Nothing gets through."""
    DEAD_ZONE = "dead-zone"
    """The same, for long."""
    GARAGE = "garage"
    """The same, and the box loses its power, and starts without a clock."""
    CELLS = "cells"
    """Connections break with every change of the cell."""


class Trouble(StrEnum):
    """What each run is about."""

    NONE = "city"
    NARROW = "narrow link"
    TUNNEL = "tunnel"
    DEAD_ZONE = "dead zone"
    GARAGE = "basement garage with power cut"
    CELLS = "cell changes"
    FLAT_BATTERY = "flat battery of the monitor"
    TWO_PATIENTS = "two patients in a row"
    TUNNEL_TWO = "two patients in a row, the change in a tunnel"
    DEAD_GARAGE = "dead zone, then the garage"
    CELLS_FLAT = "cell changes and a flat battery"
    BOX_DIES = "the gateway is killed with a patient on board"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the way."""

    road: Road
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Deterioration:
    """A metric is at `value` for a while: an alarm, if its limit and delay say so."""

    metric: str
    value: float
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class OnBoard:
    """A patient, from entering to leaving. `identified_s`: when the crew learns who it is, or None."""

    seed: int
    identifier: str
    from_s: float
    to_s: float
    identified_s: float | None
    marks_s: tuple[float, ...]
    worse: tuple[Deterioration, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One run. `flat`: from when to when the monitor is silent; `dies_s`: when the gateway is killed."""

    number: int
    trouble: Trouble
    way: tuple[Stretch, ...]
    patients: tuple[OnBoard, ...]
    flat: tuple[float, float] | None
    dies_s: float | None

    @property
    def lasts_s(self) -> float:
        """Until the vehicle is free again."""
        return max(self.patients[-1].to_s + LEAVES_S, self.way[-1].to_s)


WORSE = (
    ("spo2", 76.0, 45.0),
    ("spo2", 86.0, 40.0),
    ("hr", 34.0, 30.0),
    ("hr", 150.0, 30.0),
    ("rr", 3.0, 40.0),
)
"""Metric, value, and how long: each is an alarm by the limits for adults."""
SHORT = ("spo2", 78.0, 3.0)
"""Too short for an alarm: none may be raised."""
_TWO = {Trouble.TWO_PATIENTS, Trouble.TUNNEL_TWO}
_FLAT = {Trouble.FLAT_BATTERY, Trouble.CELLS_FLAT}


def day(rng: Random) -> list[Run]:
    """Twelve runs: every kind of trouble once, in a drawn order."""
    kinds = list(Trouble)
    rng.shuffle(kinds)
    return [run(number, kind, rng) for number, kind in enumerate(kinds)]


def run(number: int, trouble: Trouble, rng: Random, aboard_s: tuple[float, float] = PATIENT_S) -> Run:
    """One run of a kind; each patient is on board for `aboard_s`, at least and at most."""
    patients = _patients(number, 2 if trouble in _TWO else 1, rng, aboard_s)
    first = patients[0]
    middle = (first.from_s + first.to_s) / 2
    flat = (middle, middle + 240) if trouble in _FLAT else None
    dies_s = middle + rng.uniform(-200, 200) if trouble is Trouble.BOX_DIES else None
    return Run(number, trouble, _way(trouble, patients, rng), patients, flat, dies_s)


def _patients(number: int, count: int, rng: Random, aboard_s: tuple[float, float]) -> tuple[OnBoard, ...]:
    found, at = list[OnBoard](), float(ENTERS_S)
    for n in range(count):
        to = at + rng.uniform(*aboard_s)
        identified = rng.uniform(at + 60, to - 60) if rng.random() < _KNOWN else None
        marks = tuple(sorted(rng.uniform(at + 5, to - 5) for _ in range(3)))
        name = f"DAY-{number:02d}-{n}"
        found.append(OnBoard(rng.randrange(1000), name, at, to, identified, marks, _worse(at, to, rng)))
        at = to + BETWEEN_S
    return tuple(found)


_KNOWN = 0.6
"""So many patients are identified on the way."""
_APART_S = 150.0


def _worse(from_s: float, to_s: float, rng: Random) -> tuple[Deterioration, ...]:
    """Some of them, well apart; the second is too short for an alarm."""
    at, found = from_s + rng.uniform(40, 120), list[Deterioration]()
    first, *others = rng.sample(WORSE, 4)
    for metric, value, lasts_s in [first, SHORT, *others]:
        if at + lasts_s > to_s - 30:
            break
        found.append(Deterioration(metric, value, at, at + lasts_s))
        at += lasts_s + _APART_S
    return tuple(found)


def _way(trouble: Trouble, patients: tuple[OnBoard, ...], rng: Random) -> tuple[Stretch, ...]:
    """The road with its bad part while somebody is on board."""
    first, end = patients[0], patients[-1].to_s + LEAVES_S
    bad: list[tuple[Road, float, float]] = []
    at = first.from_s + rng.uniform(60, 200)
    match trouble:
        case Trouble.NARROW:
            bad = [(Road.NARROW, at, at + 600)]
        case Trouble.TUNNEL:
            bad = [(Road.TUNNEL, at, at + rng.uniform(60, 240))]
        case Trouble.DEAD_ZONE:
            bad = [(Road.DEAD_ZONE, at, at + rng.uniform(500, 700))]
        case Trouble.GARAGE:
            bad = [(Road.GARAGE, at, at + rng.uniform(120, 300))]
        case Trouble.CELLS | Trouble.CELLS_FLAT:
            bad = [(Road.CELLS, at, at + 500)]
        case Trouble.TUNNEL_TWO:
            bad = [(Road.TUNNEL, first.to_s - 60, first.to_s + BETWEEN_S + 60)]
        case Trouble.DEAD_GARAGE:
            bad = [(Road.DEAD_ZONE, at, at + 300), (Road.GARAGE, at + 320, at + 500)]
        case _:
            bad = []
    return tuple(_filled(bad, end))


def _filled(bad: list[tuple[Road, float, float]], end: float) -> list[Stretch]:
    """City wherever nothing else is."""
    found, at = list[Stretch](), 0.0
    for road, from_s, to_s in bad:
        found += [Stretch(Road.CITY, at, from_s), Stretch(road, from_s, to_s)]
        at = to_s
    return [*found, Stretch(Road.CITY, at, max(end, at + 1))]
