"""A simulated ward for models of early warning: courses of patients, as a cohort (controller/models/).

    cohort = simulated(Settings(patients=2000, seed=1))

What the numbers rest on; whatever is not named here is an assumption, as the cohort itself says:

EVENT_SHARE    of 47 427 admissions 88 had a cardiac arrest on the ward and 2 820 went to intensive care
               (Churpek et al., Crit Care Med 2012; 40: 2102 to 2108)
SHOWN_SHARE    of 7 851 people 59.4 % had an abnormal vital sign 1 to 4 h before the arrest (Andersen et al.,
               Resuscitation 2016; 98: 112 to 117); the others go with hardly a sign. Of those who go to
               intensive care more show it; how many more is assumed
BLEEDING       classes of blood loss (ATLS, in Rossaint et al., Crit Care 2016; 20: 100, table 2): class III
               has a pulse of 120 to 140, 30 to 40 breaths, a lower systolic pressure, and confusion
observations   as often as NEWS2 asks for (Royal College of Physicians, 2017, chart 4)

The result is held against Spångfors et al., Clin Med 2020; 20: 55 to 60 (NEWS of people without an arrest:
median 1, quartiles 0 to 3, 3 to 6 % at high risk) by tests/unit/hil/test_courses.py.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from math import cos, pi
from random import Random
from typing import NamedTuple

from controller.models.cohort import About, Cohort, CohortStay, Outcome, made
from devices.model.scores import Seen, news2
from devices.model.scores_chart import Parameter

HOUR_MS = 3_600_000
BEGAN_MS = 1_767_225_600_000
"""2026-01-01."""
EVENT_SHARE = (88 + 2820) / 47_427
ARREST_SHARE = 88 / (88 + 2820)
SHOWN_SHARE = {"cardiac-arrest": 0.594, "unplanned-icu": 0.9}
SOURCE = (
    "Simulated by hil/courses.py; nobody's data. Event rate: Churpek 2012; share of events that show before: "
    "Andersen 2016 for arrests; bleeding: ATLS; observations: NEWS2 2017, chart 4. Assumed: how vital signs "
    "spread between and within people, septic and respiratory courses, their length, lengths of stay, what "
    "brought people here, harmless episodes."
)
R, S, O2, B, P, C, T = Parameter
"""Respiration, SpO2, oxygen, systolic, pulse, consciousness, temperature."""
Signs = Mapping[Parameter, float]


@dataclass(frozen=True, slots=True)
class Settings:
    """What is simulated; the same settings give the same cohort."""

    patients: int = 2000
    seed: int = 1
    event_share: float = EVENT_SHARE
    days: int = 180
    """Patients come evenly over so long."""


class Course(NamedTuple):
    """How far the signs are from a person's own when it is at its worst, and how long it takes, h."""

    worst: Signs
    hours: tuple[float, float]


BLEEDING = Course({P: 48, B: -38, R: 14, C: 0.7, T: -0.4}, (4, 16))
SEPTIC = Course({P: 34, B: -30, R: 9, S: -3, C: 0.5, T: 1.7}, (8, 30))
FAILING_LUNGS = Course({R: 14, S: -9, P: 22, C: 0.4}, (6, 24))
COURSES = (BLEEDING, SEPTIC, FAILING_LUNGS)
HARMLESS = Course({P: 20, R: 4, T: 1.1, B: 8}, (6, 16))
"""Pain, or a fever that goes."""
ILL = Course({P: 22, R: 6, S: -4, T: 0.9, B: -8, C: 0.15}, (24, 120))
"""What brought them here, at its worst when they come; it gets better until it is gone."""
HARMLESS_SHARE, LUNGS_SHARE, OXYGEN_SHARE, NO_TEMPERATURE = 0.25, 0.1, 0.12, 0.15
OWN: Mapping[Parameter, tuple[float, float]] = {
    R: (16.2, 1.9),
    S: (96.8, 1.2),
    B: (126.0, 16.0),
    P: (78.0, 11.0),
    T: (36.7, 0.25),
}
"""Mean and standard deviation between people."""
NOISE: Signs = {R: 1.3, S: 0.7, B: 6.0, P: 4.0, T: 0.15}
"""Standard deviation from one observation to the next."""
DIGITS = {R: 0, S: 0, B: 0, P: 0, T: 1}


class Person(NamedTuple):
    """A patient's own signs, and what comes over them: courses with their size, beginning and end, h."""

    own: Signs
    on_oxygen: bool
    courses: tuple[tuple[Course, float, float, float], ...]
    leaves_h: float
    event_h: float | None
    event: str


def simulated(settings: Settings) -> Cohort:
    """Everybody's stays, readings and events."""
    draw = Random(settings.seed)
    stays: list[CohortStay] = []
    readings: list[tuple[str, Parameter, int, float]] = []
    events: list[tuple[str, Outcome]] = []
    for number in range(settings.patients):
        began_ms = BEGAN_MS + int(draw.uniform(0, settings.days * 24) * HOUR_MS)
        person = _person(draw, settings.event_share)
        name, end_h = f"S{number + 1:05}", person.leaves_h if person.event_h is None else person.event_h
        age = min(98, max(18, round(draw.gauss(67, 17))))
        where, sex = draw.choice(("medicine", "surgery")), draw.choice(("female", "male"))
        ended_ms = began_ms + int(end_h * HOUR_MS)
        stays.append(CohortStay(name, f"P{number + 1:05}", where, sex, age, began_ms, ended_ms))
        for hour, signs in _observed(draw, person, end_h):
            at_ms = began_ms + int(hour * HOUR_MS)
            readings += [(name, parameter, at_ms, value) for parameter, value in signs.items()]
        if person.event_h is not None:
            events.append((name, Outcome(ended_ms, person.event)))
    told = asdict(settings) | {"event_share": round(settings.event_share, 4)}
    return made(About("Simulated ward", "simulated", SOURCE, told), stays, readings, events)


def _person(draw: Random, event_share: float) -> Person:
    own = {parameter: draw.gauss(*spread) for parameter, spread in OWN.items()}
    if draw.random() < LUNGS_SHARE:  # chronically ill lungs: a lower saturation is theirs
        own[S], own[R] = draw.gauss(93.0, 1.2), own[R] + 2.5
    leaves_h = min(240.0, max(14.0, draw.lognormvariate(4.2, 0.6)))
    courses = [(ILL, draw.uniform(0, 1.4) ** 1.5, 0.0, draw.uniform(*ILL.hours))]
    if draw.random() < HARMLESS_SHARE:
        length = draw.uniform(*HARMLESS.hours)
        begins = draw.uniform(0, max(1.0, leaves_h - length))
        courses.append((HARMLESS, draw.uniform(0.4, 1.2), begins, begins + length))
    event_h, event = None, "cardiac-arrest" if draw.random() < ARREST_SHARE else "unplanned-icu"
    if draw.random() < event_share:
        event_h, course = draw.uniform(8, leaves_h), draw.choice(COURSES)
        shows = draw.random() < SHOWN_SHARE[event]
        size = draw.uniform(0.5, 1.2) if shows else draw.uniform(0, 0.25)
        courses.append((course, size, event_h - draw.uniform(*course.hours), event_h))
    return Person(own, draw.random() < OXYGEN_SHARE, tuple(courses), leaves_h, event_h, event)


def _observed(draw: Random, person: Person, end_h: float) -> Iterator[tuple[float, dict[Parameter, float]]]:
    """Rounds of observations, as often as the score of the one before asks for."""
    hour = draw.uniform(0, 0.5)
    while hour < end_h:
        signs = _signs(draw, person, hour)
        score = news2({one: Seen(value, 0, None) for one, value in signs.items()}, 0).least
        if draw.random() < NO_TEMPERATURE:
            del signs[T]
        yield hour, signs
        every_h = 4.0 if score < 5 else 1.0 if score < 7 else 0.5
        hour += every_h * draw.uniform(0.8, 1.2)


def _signs(draw: Random, person: Person, hour: float) -> dict[Parameter, float]:
    found = {one: value + draw.gauss(0, NOISE[one]) for one, value in person.own.items()}
    day = cos((hour % 24 - 17) / 24 * 2 * pi)  # warmest and fastest in the late afternoon
    found[T], found[P] = found[T] + 0.2 * day, found[P] + 3 * day
    clouded = 0.0
    for course, size, begins, ends in person.courses:
        height = size * _height(course, hour, begins, ends)
        clouded += height * course.worst.get(C, 0)
        for parameter in found:
            found[parameter] += height * course.worst.get(parameter, 0)
    found[S] = min(100.0, found[S])
    needs = found[S] < 92 or person.on_oxygen
    if needs:
        found[S] = min(100.0, found[S] + 2)
    kept = {one: max(0.0, round(value, DIGITS[one])) for one, value in found.items()}
    return kept | {O2: float(needs), C: float(draw.random() < 0.002 + 0.6 * max(0.0, clouded - 0.15))}


def _height(course: Course, hour: float, begins: float, ends: float) -> float:
    """0 to 1: what harms grows ever faster until its end, what does not comes and goes, or goes."""
    if not begins < hour <= ends:
        return 0.0
    share = (hour - begins) / (ends - begins)
    if course is ILL:
        return (1 - share) ** 1.5
    return (1 - cos(2 * pi * share)) / 2 if course is HARMLESS else share**1.5
