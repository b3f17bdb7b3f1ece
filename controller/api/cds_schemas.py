"""What requests and answers about decision support look like; cards are as CDS Hooks 2.0 has them."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.api.schemas import Shape
from controller.cds.model import Card, CdsCoding

_Line = Annotated[str, StringConstraints(max_length=500, pattern=PRINTABLE)]


class CdsPatientBody(Body):
    """Whose record was opened."""

    patient: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)]


class CdsReasonBody(Body):
    """One of a card's override reasons."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=PRINTABLE)]
    system: _Line = ""
    display: _Line = ""


class CdsOutcomeBody(Body):
    """What a person does with a card."""

    outcome: Literal["accepted", "overridden"]
    suggestion: Annotated[str, StringConstraints(max_length=100, pattern=PRINTABLE)] = Field(
        "", description="the uuid of the one that is taken"
    )
    reason: CdsReasonBody | None = Field(None, description="why it is gone over, of those that it offers")
    comment: _Line = Field("", description="why, in words; a critical card needs one of the two")

    @property
    def coding(self) -> CdsCoding | None:
        """The reason."""
        return self.reason and CdsCoding(**self.reason.model_dump())


class CdsCardView(Shape):
    """A card as it came, and the key under which this look knows it."""

    key: str
    card: Card


class CdsAnswerView(Shape):
    """What one service said, or why it was not checked."""

    service: str
    id: str
    title: str
    code: str = Field(description="late, down, refused, not-json, …: not checked; empty: it answered")
    why: str
    took_ms: int
    sent: list[str] = Field(description="the keys of prefetch that it was given")
    cards: list[CdsCardView]


class CdsDoneView(Shape):
    """What became of a card."""

    card: str
    outcome: Literal["accepted", "overridden"]
    suggestion: str
    reason: str = Field(description="JSON of its Coding; empty: none")
    comment: str
    by: str
    at_ms: int
    told: Literal["due", "told", "not-told", "no-uuid"] = Field(description="whether the service was told")
    told_why: str


class CdsLookView(Shape):
    """All services of a hook, asked once; it is kept as it was shown."""

    id: int
    hook: Literal["patient-view", "order-sign"]
    revision: int | None = Field(description="of the prescription, as it was told")
    by: str
    asked_ms: int
    done_ms: int
    answers: list[CdsAnswerView]
    outcomes: list[CdsDoneView]
    unacknowledged: list[str] = Field(description="keys of critical cards that need a word before signing")


class CdsAsked(Shape):
    """A look; null: nobody is asked at this hook here."""

    server_ms: int
    look: CdsLookView | None


class CdsLookList(Shape):
    """Those of one prescription, the newest first."""

    server_ms: int
    looks: list[CdsLookView]


class GenotypeBody(Body):
    """What a laboratory found of one gene; an empty value: what was entered was a mistake."""

    gene: Annotated[str, StringConstraints(max_length=20, pattern=PRINTABLE)]
    value: Annotated[str, StringConstraints(max_length=60, pattern=PRINTABLE)]
    laboratory: Annotated[str, StringConstraints(max_length=120, pattern=PRINTABLE)] = ""
    at_ms: Annotated[int, Field(ge=0, le=2**52)] = Field(description="of the laboratory's report")


class GenotypeView(Shape):
    """What is known of one gene."""

    id: int
    gene: str
    value: str
    laboratory: str
    at_ms: int
    by: str
    said_ms: int


class GenotypeList(Shape):
    """All that is known of one patient, and what can be entered."""

    server_ms: int
    patient: dict[str, Any]
    genotypes: list[GenotypeView]
    genes: list[str]
