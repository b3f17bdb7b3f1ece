"""What people do at a robot that stands at a station, as rows: whoever follows a transport knows who had it.

change = handled(Handled("TR00000001", "taken", Stage.PICKED, "nina"), now_ms)
await books.act("transport-taken", "transport/TR00000001", by, change)

A drawer that a robot was told to open is a row of its own; what somebody did is one once the drawer is open.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from controller.robots.reasons import written
from controller.robots.told import Opening, Stage

Kind = Literal["loaded", "drawer", "taken"]
_ADD = """INSERT INTO robot_handled (transport, kind, stage, drawer, person, how, at_ms)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_ASKED = """INSERT INTO robot_drawer
(action, robot, transport, stage, drawer, person, how, at_ms, state, why, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'asked', '', '')"""
_BECAME = "UPDATE robot_drawer SET state = ?, why = ?, reason = ? WHERE action = ?"


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


def asked(one: Opening) -> Callable[[sqlite3.Connection], object]:
    """The row of a drawer that is to open, to be written with the line in the trail."""
    what = one.action, one.robot, one.transport, one.stage, one.drawer, one.person, one.how, one.at_ms
    return lambda db: db.execute(_ASKED, what)


def became(db: sqlite3.Connection, one: Opening) -> None:
    """What became of it."""
    db.execute(_BECAME, (one.state, str(one.why), written(one.why), one.action))
    if one.state == "open":
        did = Handled(one.transport, "drawer", one.stage, one.person, one.how, one.drawer)
        handled(did, one.at_ms)(db)
