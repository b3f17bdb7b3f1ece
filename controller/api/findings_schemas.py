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
