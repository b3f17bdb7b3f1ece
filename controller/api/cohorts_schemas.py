"""What requests and answers about cohorts look like."""

from typing import Annotated, Any

from pydantic import StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from controller.lake.cohorts.definition import CohortDefinition
from controller.lake.cohorts.kept import NAME

Name = Annotated[str, StringConstraints(pattern=NAME)]
Why = Annotated[
    str, StringConstraints(min_length=1, max_length=400, strip_whitespace=True, pattern=PRINTABLE)
]


class CohortAskBody(Body):
    """A definition that is asked."""

    definition: CohortDefinition


class CohortSaveBody(CohortAskBody):
    """A definition that is kept: the next version of its name; `why` is kept with it."""

    name: Name
    why: Why


class CohortWords(Shape):
    """In English and Chinese."""

    en: str
    zh: str


class CohortRules(Shape):
    """How it is answered, in English and Chinese."""

    en: list[str]
    zh: list[str]


class CohortQuestion(Shape):
    """One statement, and what its parameters are."""

    sql: str
    parameters: dict[str, Any]


class CohortPlan(Shape):
    """What a definition asks: in words, and as DuckDB gets it."""

    words: CohortWords
    rules: CohortRules
    questions: list[CohortQuestion]


class CohortMonth(Shape):
    """Admissions that began in `month` (YYYY-MM; "": all of them). Null: too few to be told."""

    month: str
    admitted: int | None
    matching: int | None
    unknown: int | None


class CohortBasis(Shape):
    """What the answer to a condition rests on: readings that count and that do not; admissions without any,
    whose window is not over, and that do not match with less than half of it measured."""

    used: int
    disowned: int
    no_value: int
    flawed: int
    out_of_range: int
    no_data: int | None
    not_over: int | None
    thin: int | None


class CohortStep(Shape):
    """Five minutes from `minute` after the event on: quartiles of admissions' means. Null: too few."""

    minute: int
    admissions: int | None
    low: float | None
    median: float | None
    high: float | None


class CohortRead(Shape):
    """What was read of the lake, and how long all of it took."""

    files: int
    files_there: int
    row_groups: int
    row_groups_there: int
    rows: int
    rows_there: int
    bytes: int
    took_ms: int
    plan: list[str]


class CohortFound(Shape):
    """What one found; `lake_utc_ms`: when the lake was written."""

    generation: int
    lake_utc_ms: int
    disowned_known: bool
    total: CohortMonth
    months: list[CohortMonth]
    not_known_who: int | None
    patients: int | None
    bases: list[CohortBasis]
    event: int
    unit: str
    steps: list[CohortStep]
    read: CohortRead


class CohortAnswer(Shape):
    """An answer; `exact`: no number was too small to be told to who asks."""

    exact: bool
    found: CohortFound


class CohortVersion(Shape):
    """One that was saved."""

    name: str
    version: int
    definition: CohortDefinition
    words: CohortWords
    why: str
    by: str
    utc_ms: int


class CohortList(Shape):
    """All of them, each name's newest version first; the lake's generation and when it was written, if there
    is one; what can be measured, with units."""

    now_utc_ms: int
    generation: int | None
    lake_utc_ms: int | None
    metrics: list[tuple[str, str]]
    may_list: bool
    cohorts: list[CohortVersion]


class CohortRun(Shape):
    """What a version found, when and for whom."""

    by: str
    utc_ms: int
    found: CohortFound


class CohortDetail(Shape):
    """A version, and what it found, the newest first."""

    version: CohortVersion
    exact: bool
    runs: list[CohortRun]


class CohortMember(Shape):
    """An admission; times in ms of the controller's scale."""

    patient: str
    ward: str | None
    began_ms: int
    ended_ms: int | None
    event_ms: int | None


class CohortMembers(Shape):
    """Those whom who asks may see, at most 2,000; `more`: there are others."""

    members: list[CohortMember]
    more: bool
