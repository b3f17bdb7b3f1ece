"""What is kept of conferences, cases and experts.

A conference is held by one site, in whose database it is; people of other sites are `Person(site, name)`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from controller.conferences.states import AnswerState, CaseState, ConferenceState

Part = Literal["chair", "expert", "presenter"]
"""The chair leads and closes; experts are asked for their opinion and sign; presenters tell of a case."""
SIGN = frozenset({"chair", "expert"})
"""Parts of those who are asked to sign."""
Stand = Literal["agrees", "differs"]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of a site; `site` "": of this one, `name`: of the account."""

    site: str
    name: str

    @property
    def actor(self) -> str:
        """As the trail and the room call this person; no account's name has a colon."""
        return f"site:{self.site}/{self.name}" if self.site else self.name


def person_of(actor: str) -> Person:
    """The person whom the trail calls `actor`."""
    site, slash, name = actor.removeprefix("site:").partition("/")
    return Person(site, name) if actor.startswith("site:") and slash else Person("", actor)


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody may be asked, each week: `day` 0 is Monday, minutes since midnight in their own zone."""

    day: int
    from_min: int
    to_min: int


@dataclass(frozen=True, slots=True)
class Away:
    """Days on which somebody may not be asked, both of them too: "2026-12-24"."""

    from_day: str
    to_day: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What an expert says of themselves."""

    display: str
    specialities: tuple[str, ...]
    """Codes of SNOMED CT (specialities.py)."""
    hospital: str
    languages: tuple[str, ...] = ()
    """BCP 47: "zh", "en"."""
    takes: str = ""
    """Which kinds of cases."""
    zone: str = "UTC"
    """Of the IANA time zone database."""
    hours: tuple[Hours, ...] = ()
    """None: always."""
    away: tuple[Away, ...] = ()
    for_partners: bool = False
    """Whether partner sites may know of it."""


@dataclass(frozen=True, slots=True)
class Expert:
    """Somebody who may be asked."""

    person: Person
    profile: Profile
    revision: int
    changed_ms: int


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who was asked, and what they said."""

    person: Person
    display: str
    part: Part
    required: bool
    """Without them it does not take place."""
    answer: AnswerState = AnswerState.NEEDS_ACTION
    why: str = ""
    """Of who declines, or proposes another time."""
    proposed_ms: int | None = None
    """UTC: when instead."""
    answered_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A patient on the agenda."""

    id: int
    place: int
    """In the order, from 1 on."""
    identifier: str
    """The patient's."""
    name: str
    question: str
    """What is to be decided; without what says who the patient is: who has not accepted reads it, too."""
    minutes: int
    presenter: str
    """The actor who tells of it; "": nobody is named."""
    state: CaseState


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for."""

    title: str
    start_ms: int
    """UTC."""
    minutes: int
    scribe: str = ""
    """The actor who writes the conclusions beside the chair."""


@dataclass(frozen=True, slots=True)
class Conference:
    """One conference, as it stands."""

    id: int
    number: str
    """MC00000001."""
    plan: Plan
    state: ConferenceState
    revision: int
    requester: str
    """The actor to whom the conclusions go back."""
    requested_ms: int
    changed_by: str
    changed_ms: int
    began_ms: int | None
    began_utc_ms: int | None
    """As what is signed has it: told once, since the two clocks may move against each other."""
    ended_ms: int | None
    """When the talk was over."""
    closed_ms: int | None
    closed_why: str
    """Of a chair who closed it although something was not signed."""
    members: tuple[Member, ...]
    cases: tuple[Case, ...]

    @property
    def entity(self) -> str:
        """As the trail calls it."""
        return f"conference/{self.number}"

    @property
    def chair(self) -> Member:
        """There is one."""
        return next(one for one in self.members if one.part == "chair")

    def member(self, actor: str) -> Member | None:
        """Who was asked, by how the trail calls them."""
        return next((one for one in self.members if one.person.actor == actor), None)

    def case(self, number: int) -> Case | None:
        """The case of that id."""
        return next((one for one in self.cases if one.id == number), None)


@dataclass(frozen=True, slots=True)
class Known:
    """The conference that somebody means to change, as that person knows it."""

    number: str
    over: int
    """The revision that is to be replaced."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A case that somebody wants to be spoken about; the caller looked that who asks sees the patient."""

    identifier: str
    name: str
    question: str
    minutes: int = 10
    presenter: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says to being asked."""

    state: AnswerState
    why: str = ""
    proposed_ms: int | None = None
    """UTC."""


@dataclass(frozen=True, slots=True)
class Request:
    """A conference that is asked for."""

    plan: Plan
    members: Sequence[Member]
    cases: Sequence[Asked]
