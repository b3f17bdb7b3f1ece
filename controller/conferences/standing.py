"""How the conclusions of a conference stand: who was there, who has signed, who differs, who is missing.

Experts who took part are asked: those with a seat of their own in the room since it began, those whom the
chair names because they sat at another's screen, and the chair.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from controller.conferences.document import Concluded
from controller.conferences.model import SIGN, Case, Conference, Stand
from controller.conferences.states import CaseState

_HERE = """SELECT actor FROM room_seat WHERE room = :number AND (left_ms IS NULL OR left_ms > :began_ms)
UNION SELECT actor FROM conference_present WHERE conference = :id"""
_LAST = """SELECT conference_conclusion.* FROM conference_conclusion
JOIN conference_case ON conference_case.id = conference_case WHERE conference = :id
AND version = (SELECT max(version) FROM conference_conclusion AS other
  WHERE other.conference_case = conference_conclusion.conference_case)"""
_SIGNED = """SELECT conference_signed.* FROM conference_signed
JOIN conference_case ON conference_case.id = conference_case WHERE conference = :id
ORDER BY conference_signed.at_ms, actor"""


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody signed of a case; `words`: of who differs."""

    actor: str
    stand: Stand
    words: str
    document: str
    """Canonical JSON."""
    signature: str
    receipt: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one case."""

    case: Case
    concluded: Concluded | None
    """The newest version; None: nothing is written yet."""
    document: str
    """That is signed of it, canonical JSON."""
    votes: tuple[Vote, ...]
    missing: tuple[str, ...]
    """Actors who are asked, and have not signed."""

    @property
    def is_complete(self) -> bool:
        """Whether nothing is missing."""
        return self.concluded is not None and not self.missing


def standing(db: sqlite3.Connection, conference: Conference) -> tuple[Standing, ...]:
    """Of each case that was or will be spoken about, inside a transaction."""
    told = {"id": conference.id, "number": conference.number, "began_ms": conference.began_ms or 0}
    here, last, signed = (db.execute(query, told).fetchall() for query in (_HERE, _LAST, _SIGNED))
    asked = _asked(conference, {row["actor"] for row in here})
    newest = {row["conference_case"]: row for row in last}
    cases = [one for one in conference.cases if one.state is not CaseState.OFF]
    return tuple(_of_case(one, newest.get(one.id), signed, asked) for one in cases)


def asked_to_sign(db: sqlite3.Connection, conference: Conference) -> tuple[str, ...]:
    """The actors of whom an opinion is asked, inside a transaction."""
    told = {"id": conference.id, "number": conference.number, "began_ms": conference.began_ms or 0}
    return _asked(conference, {row["actor"] for row in db.execute(_HERE, told).fetchall()})


def _asked(conference: Conference, here: set[str]) -> tuple[str, ...]:
    took_part = here | {conference.chair.person.actor}
    signing = [one.person.actor for one in conference.members if one.part in SIGN]
    return tuple(one for one in signing if one in took_part)


def _of_case(
    case: Case, row: sqlite3.Row | None, signed: Sequence[sqlite3.Row], asked: tuple[str, ...]
) -> Standing:
    if row is None:
        return Standing(case, None, "", (), asked)
    names = Vote.__dataclass_fields__
    votes = tuple(
        Vote(**{name: one[name] for name in names})
        for one in signed
        if one["conference_case"] == case.id and one["version"] == row["version"]
    )
    said = {one.actor for one in votes}
    concluded = Concluded(row["version"], row["conclusion"], row["plan"], row["by"], row["utc_ms"])
    missing = tuple(one for one in asked if one not in said)
    return Standing(case, concluded, row["document"], votes, missing)
