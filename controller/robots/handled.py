"""What people do at a robot that stands at a station, as rows: whoever follows a transport knows who had it.

change = handled(Handled("TR00000001", "drawer", Stage.PICKED, "nina", "badge", drawer=2), now_ms)
await books.act("drawer-opened-by-badge", "transport/TR00000001", by, change)
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from controller.robots.told import Stage

Kind = Literal["loaded", "drawer", "taken"]
_ADD = """INSERT INTO robot_handled (transport, kind, stage, drawer, person, how, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""


@dataclass(frozen=True, slots=True)
class Handled:
    """`stage`: of the transport then; `how`: by what the person was known ("login", "badge", "pin")."""

    transport: str
    kind: Kind
    stage: Stage
    person: str
    how: str = "login"
    drawer: int | None = None


def handled(one: Handled, at_ms: int) -> Callable[[sqlite3.Connection], object]:
    """The row, to be written with the line in the trail."""
    what = one.transport, one.kind, one.stage, one.drawer, one.person, one.how, at_ms
    return lambda db: db.execute(_ADD, what)
