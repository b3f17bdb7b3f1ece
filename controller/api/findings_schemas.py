"""What answers about the findings of plug-ins look like."""

from pydantic import Field

from controller.api.schemas import Shape


class PluginFinding(Shape):
    """What a program found, for review by a physician."""

    id: int
    at_ms: int = Field(description="when what was looked at was measured, or else when it was looked at")
    code: str
    name: str
    what: str
    model: str
    version: str
    confidence: float | None = Field(
        ge=0, le=1, description="how often it was right where that was measured; null: a rule"
    )
    urgency: int = Field(ge=0, le=3, description="0 routine … 3 at once")
    study: str | None = Field(description="Study Instance UID of what was looked at")


class PluginFindings(Shape):
    """The newest first."""

    review: str = Field(description="what is to be shown with them")
    findings: list[PluginFinding]


class PluginFailure(Shape):
    """Something that a plug-in could not look at, as often as it was tried."""

    id: int
    plugin: str
    version: str
    source: str
    kind: str = Field(description="a SOP class, lab-result, or a waveform's metric")
    study: str | None = Field(description="Study Instance UID of what was looked at")
    utc_ms: int = Field(description="when it was queued, UTC")
    attempts: int
    reason: str


class PluginFailures(Shape):
    """The newest first."""

    failures: list[PluginFailure]
