"""The shapes of CDS Hooks 2.0: what services offer and answer. What else an answer has is left out of what is
taken (extensions are allowed); what is missing, of another type or without measure is an error.

HL7 CDS Hooks 2.0: Discovery; CDS Service Response; Feedback.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MOST_CARDS, MOST_SERVICES = 20, 50
Indicator = Literal["info", "warning", "critical"]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Web = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https?://[!-~]+$")]
"""An absolute address that a browser may load: no other scheme becomes a link."""
Id = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._~-]+$")]
"""A segment of a path."""
Json = dict[str, object]


class Wire(BaseModel):
    """A JSON object of the standard."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)


class CdsCoding(Wire):
    """FHIR's Coding."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    system: Annotated[str, StringConstraints(max_length=500)] = ""
    display: Annotated[str, StringConstraints(max_length=500)] = ""


class CardSource(Wire):
    """Whom the guidance is from."""

    label: Line
    url: Web | None = None
    icon: Web | None = None
    """Not loaded: our pages load nothing from elsewhere."""


class CardAction(Wire):
    """A change that is suggested; `resource` is never applied by itself."""

    type: Literal["create", "update", "delete"]
    description: Line
    resource: Json | None = None
    resourceId: Annotated[str, StringConstraints(max_length=200)] = ""  # noqa: N815 — the standard's names


class CardSuggestion(Wire):
    """Something that the person may choose."""

    label: Line
    uuid: Annotated[str, StringConstraints(max_length=100)] | None = None
    isRecommended: bool = False  # noqa: N815 — the standard's names
    actions: Annotated[list[CardAction], Field(max_length=20)] = Field(default_factory=list[CardAction])


class CardLink(Wire):
    """Where there is more. A SMART app is not launched: its link is told as not supported."""

    label: Line
    url: Web
    type: Literal["absolute", "smart"]


class Card(Wire):
    """Guidance of a service."""

    summary: Annotated[str, StringConstraints(min_length=1, max_length=280)]
    """The standard says < 140 characters; twice as many are shown, more is an error."""
    indicator: Indicator
    source: CardSource
    uuid: Annotated[str, StringConstraints(max_length=100)] | None = None
    detail: Annotated[str, StringConstraints(max_length=10_000)] = ""
    """GitHub Flavored Markdown."""
    suggestions: Annotated[list[CardSuggestion], Field(max_length=20)] = Field(
        default_factory=list[CardSuggestion]
    )
    selectionBehavior: Literal["at-most-one", "any"] | None = None  # noqa: N815
    overrideReasons: Annotated[list[CdsCoding], Field(max_length=30)] = Field(  # noqa: N815
        default_factory=list[CdsCoding]
    )
    links: Annotated[list[CardLink], Field(max_length=20)] = Field(default_factory=list[CardLink])

    @model_validator(mode="after")
    def _says_how_to_choose(self) -> "Card":
        if self.suggestions and self.selectionBehavior is None:
            raise ValueError("expected selectionBehavior beside suggestions")
        if any(not one.display for one in self.overrideReasons):
            raise ValueError("expected display of each override reason")
        return self


class CdsAnswer(Wire):
    """What a service answers; its system actions are never applied."""

    cards: Annotated[list[Card], Field(max_length=MOST_CARDS)]


class Offered(Wire):
    """A service of a base address."""

    id: Id
    hook: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    description: Annotated[str, StringConstraints(max_length=5000)]
    title: Annotated[str, StringConstraints(max_length=500)] = ""
    prefetch: Annotated[dict[str, str], Field(max_length=50)] = Field(default_factory=dict[str, str])


class Discovery(Wire):
    """All services of one."""

    services: Annotated[list[Offered], Field(max_length=MOST_SERVICES)]
