"""A cohort's moments: at each, what was known, NEWS2 of the same readings, and whether an event followed.

    rows = landmarks(cohort, Rules())
    train, test = split(rows, Rules())     # by patient and by time: nobody is in both

A moment is every `step_h` hours of a stay, from its first step until it ends or its first event comes. The
label: an event within `horizon_h` hours after it, in this stay or in one that follows it: who is moved to
another bed, to intensive care above all, has another stay there. Who left without an event is taken as well
for the rest of the horizon.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from controller.models.cohort import Cohort, CohortStay, Outcome
from controller.models.features import FEATURES, HOUR_MS, TREND_MS, Lacking, Look, look
from devices.model.scores import Seen, news2

_LAST = {one.parameter: number for number, one in enumerate(FEATURES) if one.kind == "last"}
YOUNGEST = 16
"""NEWS2 is for people of 16 years and more; so are the models."""
APART_MS = 24 * HOUR_MS
"""Stays of a patient with no more than this between them are one episode, which one event ends."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How moments are taken."""

    horizon_h: int = 12
    step_h: int = 2
    limit_min: int = 360
    """An older reading does not count: the longest time between observations that the Royal College of
    Physicians (NEWS2, 2017, chart 4) has for a score of 1 to 4."""
    train_share: float = 0.7
    """Of the patients, by when they first came."""

    @property
    def horizon_ms(self) -> int:
        """The same in ms."""
        return self.horizon_h * HOUR_MS

    @property
    def limit_ms(self) -> int:
        """The same in ms."""
        return self.limit_min * 60_000


class Landmark(NamedTuple):
    """One moment of a stay."""

    stay: CohortStay
    at_ms: int
    values: tuple[float, ...]
    news2: int
    event: bool


@dataclass(frozen=True, slots=True)
class Landmarks:
    """All moments that can be scored, by stay and time; and why others cannot."""

    rows: Sequence[Landmark]
    lacking: Mapping[str, int]
    """Moments by "parameter missing" or "parameter stale"; one may lack several."""
    not_scored: int
    not_scored_events: int
    """Moments of `not_scored` that an event followed."""
    young: int
    """Stays of people who are younger than `YOUNGEST`."""
    patients: int
    """Who has any moment, whether it can be scored or not."""


def landmarks(cohort: Cohort, rules: Rules) -> Landmarks:
    """Every moment of every stay."""
    rows: list[Landmark] = []
    lacking: Counter[str] = Counter()
    not_scored = missed = young = 0
    outcomes, patients = _outcomes(cohort), set[str]()
    for stay in cohort.stays:
        if stay.age is not None and stay.age < YOUNGEST:
            young += 1
            continue
        history, outcome = cohort.readings.get(stay.id, {}), outcomes.get(stay.id)
        for at_ms in moments(stay, outcome, rules):
            if not _is_known(cohort, at_ms, rules):
                continue
            patients.add(stay.patient)
            event = outcome is not None and outcome.at_ms <= at_ms + rules.horizon_ms
            found = look(history, at_ms, rules.limit_ms)
            if isinstance(found, Lacking):
                lacking.update(f"{parameter} {why}" for parameter, why in found.why.items())
                not_scored, missed = not_scored + 1, missed + event
            else:
                rows.append(Landmark(stay, at_ms, found.values, score_of(found, at_ms), event))
    return Landmarks(rows, dict(sorted(lacking.items())), not_scored, missed, young, len(patients))


def _outcomes(cohort: Cohort) -> dict[str, Outcome]:
    """By stay, the first event of the episode that it is part of."""
    found: dict[str, Outcome] = {}
    for stays in _episodes(cohort.stays):
        if happened := [cohort.events[one.id] for one in stays if one.id in cohort.events]:
            found |= dict.fromkeys((one.id for one in stays), min(happened))
    return found


def _episodes(stays: Sequence[CohortStay]) -> Iterator[list[CohortStay]]:
    episode: list[CohortStay] = []
    for stay in sorted(stays, key=lambda one: (one.patient, one.began_ms)):
        ended_ms = max((one.ended_ms for one in episode), default=stay.began_ms)
        if episode and (stay.patient != episode[0].patient or stay.began_ms - ended_ms > APART_MS):
            yield episode
            episode = []
        episode.append(stay)
    if episode:
        yield episode


def _is_known(cohort: Cohort, at_ms: int, rules: Rules) -> bool:
    """Whether the cohort's time has the readings before a moment, and the events after it."""
    if cohort.known_ms is None:
        return True
    from_ms, to_ms = cohort.known_ms
    return from_ms + max(rules.limit_ms, TREND_MS) <= at_ms <= to_ms - rules.horizon_ms


def moments(stay: CohortStay, outcome: Outcome | None, rules: Rules) -> Iterator[int]:
    """When a stay is looked at, ms: before its end and its first event."""
    end_ms = stay.ended_ms if outcome is None else min(stay.ended_ms, outcome.at_ms)
    return iter(range(stay.began_ms + rules.step_h * HOUR_MS, end_ms, rules.step_h * HOUR_MS))


def score_of(found: Look, at_ms: int) -> int:
    """NEWS2, scale 1, of the readings that `found` was made of."""
    seen = {one: Seen(found.values[_LAST[one]], seen_ms, None) for one, seen_ms in found.seen_ms.items()}
    return news2(seen, at_ms).least


def split(found: Landmarks, rules: Rules) -> tuple[list[Landmark], list[Landmark], int]:
    """To train with, held out, and the time between them, ms.

    Held out is who first came after that time. To train with are moments of the others whose horizon had
    ended by then: no label knows of what came later.
    """
    came: dict[str, int] = {}
    for row in found.rows:
        came[row.stay.patient] = min(row.stay.began_ms, came.get(row.stay.patient, row.stay.began_ms))
    if not came:
        return [], [], 0
    order = sorted(came.values())
    cut_ms = order[min(len(order) - 1, int(len(order) * rules.train_share))]
    train = [
        row
        for row in found.rows
        if came[row.stay.patient] < cut_ms and row.at_ms + rules.horizon_ms <= cut_ms
    ]
    return train, [row for row in found.rows if came[row.stay.patient] >= cut_ms], cut_ms
