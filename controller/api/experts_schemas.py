"""What requests and answers about the directory of experts look like."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body
from controller.conferences.model import Away, Hours, Profile

Line = Annotated[str, StringConstraints(max_length=200, pattern=PRINTABLE)]
_Minute = Annotated[int, Field(ge=0, le=1440)]
_Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class HoursBody(Body):
    """When somebody may be asked, each week: minutes since midnight in their own zone."""

    day: Annotated[int, Field(ge=0, le=6)] = Field(description="0: Monday")
    from_min: _Minute
    to_min: _Minute


class AwayBody(Body):
    """Days on which somebody may not be asked, both of them too."""

    from_day: _Day
    to_day: _Day


class ExpertBody(Body):
    """What an expert says of themselves."""

    display: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PRINTABLE)]
    specialities: Annotated[list[str], Field(min_length=1, max_length=8)] = Field(description="SNOMED CT")
    hospital: Line
    languages: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]],
        Field(max_length=12),
    ] = Field(default_factory=list[str], description="BCP 47")
    takes: Line = ""
    zone: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=PRINTABLE)] = "UTC"
    hours: Annotated[list[HoursBody], Field(max_length=42)] = Field(default_factory=list[HoursBody])
    away: Annotated[list[AwayBody], Field(max_length=40)] = Field(default_factory=list[AwayBody])
    for_partners: bool = False

    def profile(self) -> Profile:
        """As it is kept."""
        hours = tuple(Hours(one.day, one.from_min, one.to_min) for one in self.hours)
        away = tuple(Away(one.from_day, one.to_day) for one in self.away)
        says = self.display, tuple(self.specialities), self.hospital, tuple(self.languages), self.takes
        return Profile(*says, self.zone, hours, away, self.for_partners)


class _Told(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class ExpertView(_Told):
    """Somebody who may be asked."""

    actor: str = Field(description="as a conference names this person")
    site: str = Field(description="empty: of this site")
    profile: ExpertBody


class SpecialityView(_Told):
    """What experts are for."""

    code: str = Field(description="SNOMED CT")
    en: str
    zh: str


class ExpertList(_Told):
    """Who was found."""

    server_ms: int
    experts: list[ExpertView]
    specialities: list[SpecialityView]


class OwnExpert(_Told):
    """What one says of oneself; null: nothing yet."""

    server_ms: int
    revision: int = Field(description="for If-Match")
    profile: ExpertBody | None
    specialities: list[SpecialityView]
