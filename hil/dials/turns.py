"""What was turned when: one JSON object a line, which can be replayed.

    {"bed": "bed-1", "device": null, "dial": "spo2", "value": 82, "t": 12.25, "at": "2026-11-26T09:00:00Z"}

`t` is seconds since the bench was ready, and what a replay goes by; `at` is for people.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from hil.errors import BadDial

Setting = StrictBool | StrictInt | StrictFloat | StrictStr | None


class Turn(BaseModel):
    """One dial of a patient, or one fault of a device. A value of None lets a dial go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bed: str
    device: str | None = None
    dial: str
    value: Setting


class TimedTurn(Turn):
    """A line of a log."""

    t: float = Field(ge=0, allow_inf_nan=False)
    at: str = ""

    @property
    def turn(self) -> Turn:
        """Without its time."""
        return Turn(bed=self.bed, device=self.device, dial=self.dial, value=self.value)


class TurnLog:
    """The log at `path`, from the beginning of this bench on."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.turns: list[TimedTurn] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")

    def add(self, turn: Turn, t: float, now: datetime | None = None) -> TimedTurn:
        """`turn`, `t` seconds after the bench was ready."""
        at = (now or datetime.now(UTC)).isoformat(timespec="milliseconds")
        line = TimedTurn(**turn.model_dump(), t=round(t, 3), at=at)
        self.turns.append(line)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line.model_dump_json() + "\n")
        return line


def read_log(path: Path) -> list[TimedTurn]:
    """The turns of a log, in order of time. Raises BadDial with the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadDial(f"{path}: expected a log of a bench: {error}") from error
    turns = [_read(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    return sorted(turns, key=lambda one: one.t)


def _read(path: Path, number: int, line: str) -> TimedTurn:
    try:
        return TimedTurn.model_validate_json(line)
    except ValidationError as error:
        raise BadDial(f"{path}, line {number}: {said(error)}") from None


def said(error: ValidationError) -> str:
    """What pydantic found, in one line for people."""
    return "; ".join(_one(each["loc"], each["msg"]) for each in error.errors(include_url=False))


def _one(where: Sequence[int | str], what: str) -> str:
    name = ".".join(str(part) for part in where[:1])
    message = what.removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
