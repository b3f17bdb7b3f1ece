"""Research projects in the store: proposed, decided by a second person, closed; what left, of whom."""

import json
import secrets
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from controller.audit.chain import append
from controller.audit.entry import REFUSED, Entry
from controller.clock import Clock, utc_of
from controller.conferences.sharing import Shared, last
from controller.errors import Conflict, LakeError, NotFound, OrderError
from controller.identity.certificates import By
from controller.lake.research.states import BY_ANOTHER, PROJECT_STEPS, ProjectState
from controller.stays import is_unknown
from controller.store import Store
from controller.telemedicine.model import Language

Basis = Literal["consent", "opt-out"]
RESEARCH = "research"
"""What a consent is for (controller/conferences/sharing.py): all research; or "research/RP00000001" alone."""
WORDS: Mapping[Language, str] = {
    "en": "I agree that what was measured of me here is used for medical research, without my name and so "
    "that researchers cannot tell who I am. I may take this back at any time; then nothing more is used. My "
    "care does not depend on it.",
    "zh": "我同意将在本院测得的我的数据用于医学研究：不含姓名，研究人员无法识别我的身份。我可以随时撤回同意，"
    "此后不再使用。这不会影响我的治疗。",
}
"""Kept with each consent."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What somebody asks for: days are YYYY-MM-DD, of the time of measurement, both included."""

    title: str
    purpose: str
    basis: Basis
    metrics: tuple[str, ...]
    from_day: str
    to_day: str
    expires_utc_ms: int


@dataclass(frozen=True, slots=True)
class Project:
    """One row."""

    id: int
    number: str
    proposed: Proposed
    salt: bytes
    state: ProjectState
    proposed_by: str
    proposed_utc_ms: int
    decided_by: str | None
    decided_utc_ms: int | None
    why: str
    closed_by: str | None
    """Who closed it, or withdrew what nobody had decided."""
    closed_utc_ms: int | None

    def holds(self, utc_ms: int) -> bool:
        """Whether data may leave for it now."""
        return self.state is ProjectState.APPROVED and utc_ms < self.proposed.expires_utc_ms


Stay = tuple[int, str, str, int, int]
"""Its id, whose it is, the bed, from when until when (µs)."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may be in a project's data, as the store has it at one moment."""

    patients: frozenset[str]
    stays: frozenset[Stay]
    """All that have ended, but those at home: one that the lake has otherwise was put right since."""
    word: int
    """The last word that any patient had said."""


@dataclass(frozen=True, slots=True)
class Released:
    """What left: `release` counts from 1; `digest` is that of SHA256SUMS."""

    release: int
    generation: int
    people: int
    rows: int
    digest: str
    by: str
    utc_ms: int


_ADD = """INSERT INTO research_project (number, title, purpose, basis, metrics, from_day, to_day,
  expires_utc_ms, salt, state, proposed_by, proposed_utc_ms)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'proposed', ?, ?)"""
_STEP = "UPDATE research_project SET state = ?, decided_by = ?, decided_utc_ms = ?, why = ? WHERE id = ?"
_CLOSE = "UPDATE research_project SET state = ?, closed_by = ?, closed_utc_ms = ? WHERE id = ?"
_RELEASED = "INSERT INTO research_release VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_RELEASES = "SELECT * FROM research_release WHERE project = ? ORDER BY release"
_STAYS = """SELECT id, identifier, bed, from_ms * 1000, to_ms * 1000 FROM stay
WHERE to_ms IS NOT NULL AND bed NOT IN (SELECT place FROM home)"""
_WORD = "SELECT ifnull(max(id), 0) FROM sharing_consent"
_SAID_SINCE = """SELECT DISTINCT patient FROM sharing_consent
WHERE id > ? AND what IN (?, ?) AND said <> 'permit'"""


class Projects:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    async def propose(self, wanted: Proposed, by: By) -> Project:
        """Describe a project. Raises OrderError: it ends before it begins, or has days that there are not."""
        now_ms = self.utc_ms()
        if not _are_days(wanted) or wanted.expires_utc_ms <= now_ms:
            raise OrderError("expected days in order and an end that is to come: correct them")
        salt = secrets.token_bytes(16)

        def work(db: sqlite3.Connection) -> str:
            (number,) = db.execute("SELECT ifnull(max(id), 0) + 1 FROM research_project").fetchone()
            name = f"RP{number:08d}"
            days = wanted.from_day, wanted.to_day, wanted.expires_utc_ms
            told = wanted.title, wanted.purpose, wanted.basis, json.dumps(wanted.metrics)
            db.execute(_ADD, (name, *told, *days, salt, by.actor, now_ms))
            detail = {"basis": wanted.basis, "metrics": " ".join(wanted.metrics), "purpose": wanted.purpose}
            append(db, _entry("research-proposed", name, by, **detail), self.clock.utc_us())
            return name

        return await self.find(await self.store.write(work))

    async def decide(self, number: str, to: ProjectState, by: By) -> Project:
        """Approve, refuse (`by.why` says why) or close. Raises NotFound, Conflict: not from where it is; the
        one who proposed it decides it."""
        project = await self.find(number)
        if to in BY_ANOTHER and by.actor == project.proposed_by:
            entry = _entry(f"research-{to}", number, by, outcome=REFUSED)
            await self.store.write(lambda db: append(db, entry, self.clock.utc_us()))
            raise Conflict("expected a second person: who proposed a project does not decide it")

        def work(db: sqlite3.Connection) -> None:
            (now,) = db.execute("SELECT state FROM research_project WHERE id = ?", (project.id,)).fetchone()
            if to not in PROJECT_STEPS[ProjectState(now)]:
                raise Conflict(f"project {number} is {now}, which cannot become {to}: look again")
            if to in BY_ANOTHER:
                db.execute(_STEP, (to, by.actor, self.utc_ms(), by.why, project.id))
            else:
                db.execute(_CLOSE, (to, by.actor, self.utc_ms(), project.id))
            append(db, _entry(f"research-{to}", number, by), self.clock.utc_us())

        await self.store.write(work)
        return await self.find(number)

    async def find(self, number: str) -> Project:
        """One. Raises NotFound."""
        rows = await self.store.read("SELECT * FROM research_project WHERE number = ?", (number,))
        if not rows:
            raise NotFound(f"there is no research project {number!r:.40}: see /api/research")
        return _project(rows[0])

    async def all(self) -> list[Project]:
        """The newest first."""
        return [
            _project(row) for row in await self.store.read("SELECT * FROM research_project ORDER BY id DESC")
        ]

    async def releases(self, project: Project) -> list[Released]:
        """All that left for it."""
        names = Released.__dataclass_fields__
        rows = await self.store.read(_RELEASES, (project.id,))
        return [Released(**{name: row[name] for name in names}) for row in rows]

    async def have_data(self) -> bool:
        """Whether anything left for any of them."""
        return bool(await self.store.read("SELECT 1 FROM research_release LIMIT 1"))

    async def check(self, project: Project, by: By) -> None:
        """Raises LakeError, on record: no data may leave for it now."""
        if project.holds(self.utc_ms()):
            return
        entry = _entry("research-released", project.number, by, outcome=REFUSED)
        await self.store.write(lambda db: append(db, entry, self.clock.utc_us()))
        why = "has expired" if project.state is ProjectState.APPROVED else f"is {project.state}"
        raise LakeError(f"project {project.number} {why}: expected one that a second person approved")

    async def noted(self, project: Project, made: Released, of: Allowed) -> None:
        """It is on record before anybody gets it. Raises LakeError: somebody of these took consent back since
        it was asked who may be in it."""
        told = made.generation, made.people, made.rows, made.digest, made.by, made.utc_ms
        detail = {"digest": made.digest, "people": made.people, "rows": made.rows, "release": made.release}

        def work(db: sqlite3.Connection) -> None:
            if any(one in of.patients for one in _said_no_since(db, project, of.word)):
                raise LakeError(f"somebody took consent to {project.number} back meanwhile: begin again")
            db.execute(_RELEASED, (project.id, made.release, *told))
            append(
                db, _entry("research-released", project.number, By(made.by), **detail), self.clock.utc_us()
            )

        await self.store.write(work)

    def utc_ms(self) -> int:
        """UTC."""
        return self.clock.utc_us() // 1000


def allowed(db: sqlite3.Connection, project: Project, now_ms: int) -> Allowed:
    """Who may be in the project's data: whoever said no to research, or to it, is not; by `consent` only
    those who said yes. Who is not known cannot have said anything, and is not."""
    found = set[str]()
    (word,) = db.execute(_WORD).fetchone()
    stays = frozenset(Stay(row) for row in db.execute(_STAYS).fetchall())
    for (patient,) in db.execute("SELECT DISTINCT identifier FROM stay").fetchall():
        words = [last(db, Shared(patient, one)) for one in (RESEARCH, f"{RESEARCH}/{project.number}")]
        said = [one for one in words if one is not None]
        refused = any(one.said != "permit" for one in said)
        agreed = any(one.holds("", now_ms) for one in said)
        if not refused and not is_unknown(patient) and (agreed or project.proposed.basis == "opt-out"):
            found.add(patient)
    return Allowed(frozenset(found), stays, word)


def _said_no_since(db: sqlite3.Connection, project: Project, word: int) -> list[str]:
    about = word, RESEARCH, f"{RESEARCH}/{project.number}"
    return [patient for (patient,) in db.execute(_SAID_SINCE, about).fetchall()]


def _are_days(wanted: Proposed) -> bool:
    try:
        return utc_of(f"{wanted.from_day}T00:00:00Z") <= utc_of(f"{wanted.to_day}T00:00:00Z")
    except ValueError:
        return False


def _entry(action: str, number: str, by: By, outcome: str = "done", **detail: str | int) -> Entry:
    entity = f"research/{number}"
    return Entry(action, by.actor, entity, outcome, where=by.where, why=by.why, detail=detail)


def _project(row: sqlite3.Row) -> Project:
    names = [one for one in Proposed.__dataclass_fields__ if one != "metrics"]
    proposed = Proposed(**{name: row[name] for name in names}, metrics=tuple(json.loads(row["metrics"])))
    own = [one for one in Project.__dataclass_fields__ if one not in ("proposed", "state")]
    return Project(**{name: row[name] for name in own}, proposed=proposed, state=ProjectState(row["state"]))
