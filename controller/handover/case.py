"""One patient's case, from the first place to the last: what a hand-over tells.

Times `*_ms` are ms since 1970 in the controller's time scale; values are in their metric's unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from controller.crew.entries import Checked, Mark
from controller.stays import is_unknown
from devices.model.metrics import METRICS, Metric
from devices.model.scores_sources import FLAWS


@dataclass(frozen=True, slots=True)
class Stay:
    """The patient in one place; `to_ms` None: still there."""

    id: int
    bed: str
    place: str
    """The bed's or vehicle's name."""
    is_vehicle: bool
    from_ms: int
    to_ms: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Who:
    """The patient; None: nobody has said so. `age` in years, as somebody estimated it."""

    identifier: str
    name: str
    sex: str | None = None
    """FHIR R4, AdministrativeGender."""
    age: int | None = None
    limits: str | None = None
    """adult, child, neonate: whose limits of alarms hold."""

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows who it is: then `identifier` is our own and `name` is a description."""
        return is_unknown(self.identifier)


@dataclass(frozen=True, slots=True)
class Told:
    """One reading: a value, or the reason why there is none (`NoValue`); `quality` as `Quality` has it."""

    metric: str
    device: str
    at_ms: int
    value: float | None
    reason: int | None
    quality: int

    @property
    def is_flawed(self) -> bool:
        """Whether the device or the gateway says something against it."""
        return bool(self.quality & FLAWS)


@dataclass(frozen=True, slots=True)
class Step:
    """What was measured in one step of a trend."""

    number: int
    """Steps from the trend's beginning."""
    low: float
    high: float
    mean: float


@dataclass(frozen=True, slots=True)
class Trend:
    """Steps of `step_ms` from `from_ms` on; one in which nothing was measured is left out."""

    from_ms: int
    step_ms: int
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Vital:
    """All of one metric in one stay."""

    stay: Stay
    last: Told
    last_value: Told | None
    """The last with a value; None: there was none."""
    readings: int
    valued: int
    """How many of them have a value; low, high and mean are of these, the flawed ones included."""
    flawed: int
    low: float | None
    high: float | None
    mean: float | None
    trend: Trend

    @property
    def name(self) -> str:
        """The metric's."""
        return self.last.metric

    @property
    def metric(self) -> Metric:
        """Its row of the metric table."""
        return METRICS[self.name]

    def is_stale(self, at_ms: int) -> bool:
        """Whether its last reading is too old to be the present one."""
        return at_ms - self.last.at_ms > self.metric.stale_after_s * 1000


@dataclass(frozen=True, slots=True)
class Alien:
    """A reading at the patient's home that is somebody else's, as the patient says."""

    stay: Stay
    told: Told


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm from its beginning to its end; `to_ms` None: it is active."""

    gateway: str
    device: str | None
    code: str
    priority: int
    value: str
    limit: str
    from_ms: int
    to_ms: int | None
    is_seen: bool
    is_escalated: bool


@dataclass(frozen=True, slots=True)
class Assessed:
    """What a person assessed; `value` as controller/scores/entries.py has it."""

    kind: str
    value: Mapping[str, Any]
    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked of the hospital; the last three are None until somebody acknowledged it."""

    resource: str
    note: str
    by: str
    at_ms: int
    answer: str | None
    answered_by: str | None
    answered_ms: int | None


@dataclass(frozen=True, slots=True)
class Instruction:
    """What a physician asked of the crew, and when they acknowledged it."""

    id: str
    text: str
    by: str
    at_ms: int
    heard_by: str | None
    heard_ms: int | None


@dataclass(frozen=True, slots=True)
class Device:
    """What measured."""

    id: str
    profile: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """All of it, as it was known at `made_ms`. Lists are in order of time."""

    made_ms: int
    from_ms: int
    """From here on all is told; before, only where the patient was."""
    who: Who
    stays: tuple[Stay, ...]
    vitals: tuple[Vital, ...] = ()
    aliens: tuple[Alien, ...] = ()
    """In none of `vitals`."""
    alarms: tuple[Alarm, ...] = ()
    marks: tuple[Mark, ...] = ()
    checks: tuple[Checked, ...] = ()
    assessments: tuple[Assessed, ...] = ()
    requests: tuple[Request, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    devices: tuple[Device, ...] = ()
    score: Mapping[str, Any] | None = None
    """SCORE of the last stay (devices/model/scores_made.py), without its bed; None: nothing to score."""
    not_taken: int = 0
    """Entries of the crew that are kept, but could not be given to any patient."""

    @property
    def begun_ms(self) -> int:
        """When the first stay began."""
        return self.stays[0].from_ms

    @property
    def until_ms(self) -> int:
        """The end of the last stay, or now."""
        last = self.stays[-1].to_ms
        return self.made_ms if last is None else min(last, self.made_ms)

    @property
    def is_cut(self) -> bool:
        """Whether there is more in the record than is told here."""
        return self.from_ms > self.begun_ms

    @property
    def present(self) -> tuple[Vital, ...]:
        """Each metric as it was last, wherever that was."""
        last: dict[str, Vital] = {}
        for vital in self.vitals:
            held = last.get(vital.name)
            if held is None or vital.last.at_ms >= held.last.at_ms:
                last[vital.name] = vital
        return tuple(last.values())

    @property
    def people(self) -> tuple[str, ...]:
        """Who told any of it."""
        told = (*self.marks, *self.checks, *self.assessments, *self.requests, *self.instructions)
        more = (one.by for one in self.stays)
        heard = (one.heard_by for one in self.instructions)
        answered = (one.answered_by for one in self.requests)
        return tuple(dict.fromkeys(one for one in (*more, *(t.by for t in told), *heard, *answered) if one))
