"""What is said to a vehicle's crew, and what is shown of them. Times: the controller's scale."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from controller.api.bodies import PRINTABLE, Body, PatientBody
from controller.api.schemas import Shape

Number = r"[0-9a-f]{16}"
"""Of an instruction."""


class IdentifyBody(PatientBody):
    """Who the unknown patient is: the hospital's identifier and a name to show."""


class InstructBody(Body):
    """What a crew is asked to do, and for whom: it is refused when somebody else is on board by now."""

    patient: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=PRINTABLE)] = Field(
        description="identifier of the patient on board"
    )
    text: Annotated[
        str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True, pattern=PRINTABLE)
    ]


class CrewMark(Shape):
    """What was marked by one touch."""

    code: str = Field(description="drug-given, intubation, …: devices/model/crew.py")
    text: str
    by: str
    at_ms: int


class CrewChecked(Shape):
    """How an item of a checklist stands."""

    list: str
    item: str
    done: bool
    by: str
    at_ms: int


class CrewSaid(Shape):
    """Who in the crew, and when."""

    by: str
    at_ms: int


class CrewInstruction(Shape):
    """What a physician has asked for."""

    id: str
    text: str
    by: str
    at_ms: int
    state: Literal["sent", "expired", "refused", "delivered", "shown", "acknowledged"]
    why: str = Field(description="it was refused")
    shown: CrewSaid | None
    acknowledged: CrewSaid | None


class CrewProblem(Shape):
    """What a box told and could not be taken over, or only in part."""

    event: int
    gateway: str
    kind: str
    vehicle: str | None
    at_ms: int
    why: str


class CrewView(Shape):
    """What the crew of a vehicle tells of the patient on board, and what was said to it, the newest first."""

    server_ms: int
    vehicle: bool = Field(description="whether this bed has a crew; without, there is nothing to show")
    marks: list[CrewMark]
    checklists: list[CrewChecked]
    instructions: list[CrewInstruction]
    watchers: list[str] = Field(description="names of those who look on now")
    problems: list[CrewProblem] = Field(description="of the last day")


class CrewProblems(Shape):
    """The last 300."""

    problems: list[CrewProblem]
