"""What services were asked and answered, kept beside the prescription for ever; and what became of each card.

looks = Looks(store, clock)
look = await looks.keep(about, instance, answers, by, asked_ms)
look = await looks.judge(look, Judged(key, "overridden", comment="no other drug"), by)
missing = unacknowledged(look)                    # critical cards, by key, of which nobody said anything
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

from pydantic import TypeAdapter

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.cds.context import About
from controller.cds.model import Card, CdsCoding, Wire
from controller.cds.section import Hook
from controller.clock import Clock
from controller.errors import NotFound
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.store import Store

Outcome = Literal["accepted", "overridden"]
_ADD = """INSERT INTO cds_look
(hook, instance, identifier, prescription, revision, answers, by, asked_ms, done_ms)
VALUES (:hook, :instance, :identifier, :prescription, :revision, :answers, :by, :asked_ms, :done_ms)
RETURNING id"""
_ONE = "SELECT * FROM cds_look WHERE id = ?"
_OF_RX = "SELECT * FROM cds_look WHERE prescription = ? ORDER BY id DESC LIMIT 50"
_OUTCOMES = """SELECT one.* FROM cds_outcome AS one JOIN cds_look AS look ON look.id = one.look
WHERE look.id = :id OR (:rx IS NOT NULL AND look.prescription = :rx AND look.revision = :revision)
ORDER BY one.id"""
_JUDGE = """INSERT INTO cds_outcome
(look, card, outcome, suggestion, reason, comment, by, at_ms, at_utc_ms, told)
VALUES (:look, :card, :outcome, :suggestion, :reason, :comment, :by, :at_ms, :at_utc_ms, :told)"""


class Answer(Wire):
    """What one service said, or why it was not checked."""

    service: str
    """Its name in our configuration."""
    id: str = ""
    """Of the service there; "": it was not even found."""
    title: str = ""
    code: str = ""
    """Why it was not checked, for programs; "": it answered."""
    why: str = ""
    took_ms: int
    sent: tuple[str, ...] = ()
    """The keys of prefetch that it was given."""
    cards: tuple[Card, ...] = ()

    def key(self, card: Card) -> str:
        """A card that is called the same has the same, from one look to the next; if others of one answer are
        called so, too, those that say the same."""
        parts = [self.service, self.id, *_called(card)]
        if len({_said(one) for one in self.cards if _called(one) == _called(card)}) > 1:
            parts += _said(card)
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def _called(card: Card) -> tuple[str, str, str]:
    return card.indicator, card.summary, card.source.label


def _said(card: Card) -> tuple[str, ...]:
    return card.detail, *(one.label for one in card.suggestions)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a person does with a card: takes a suggestion of it, or goes on in spite of it."""

    card: str
    outcome: Outcome
    suggestion: str = ""
    reason: CdsCoding | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a card."""

    card: str
    outcome: Outcome
    suggestion: str
    reason: str
    """JSON of its Coding; "": none."""
    comment: str
    by: str
    at_ms: int
    told: str
    """Whether the service was told: "due", "told", "not-told", "no-uuid"."""
    told_why: str


@dataclass(frozen=True, slots=True)
class Look:
    """All services of a hook, asked once."""

    id: int
    hook: Hook
    instance: str
    identifier: str
    prescription: int | None
    revision: int | None
    answers: tuple[Answer, ...]
    by: str
    asked_ms: int
    done_ms: int
    outcomes: tuple[Done, ...] = field(default=())
    """Of this look's cards, and of the same cards in other looks of the same version of the prescription: a
    word on one dose is none on another."""

    @property
    def cards(self) -> dict[str, tuple[Answer, Card]]:
        """By key."""
        return {one.key(card): (one, card) for one in self.answers for card in one.cards}


_ANSWERS = TypeAdapter(tuple[Answer, ...])


def unacknowledged(look: Look) -> dict[str, Card]:
    """By key: critical cards of which nobody has said why they are gone over, or taken a suggestion."""
    said = {one.card for one in look.outcomes}
    cards = {key: card for key, (_, card) in look.cards.items() if card.indicator == "critical"}
    return {key: card for key, card in cards.items() if key not in said}


class Looks:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def now_ms(self) -> int:
        """In the controller's time scale."""
        return self._clock.now_us() // 1000

    async def note(self, action: str, about: About, by: By, **detail: str | int) -> None:
        """A line of the trail by itself: before anything of the patient leaves this controller."""
        entry = _entry(action, about.identifier, by, **detail)
        await self._store.write(lambda db: append(db, entry, self._clock.utc_us()))

    async def keep(
        self, about: About, instance: str, answers: Sequence[Answer], by: By, asked_ms: int
    ) -> Look:
        """As it was shown."""
        text = _ANSWERS.dump_json(tuple(answers)).decode()
        rx = about.rx
        row = {"hook": about.hook, "instance": instance, "identifier": about.identifier, "answers": text}
        row |= {"prescription": rx and rx.id, "revision": rx and rx.revision, "by": by.actor}  # type: ignore[dict-item]
        row |= {"asked_ms": asked_ms, "done_ms": self.now_ms()}  # type: ignore[dict-item]
        missed = sum(bool(one.code) for one in answers)
        told = {"hook": about.hook, "services": len(answers), "not_checked": missed}

        def work(db: sqlite3.Connection) -> int:
            (number,) = db.execute(_ADD, row).fetchone()
            append(db, _entry("cds-look", about.identifier, by, look=number, **told), self._clock.utc_us())
            return number

        return await self.find(await self._store.write(work))

    async def find(self, number: int, sight: Sight | None = None) -> Look:
        """One, if its patient is seen. Raises NotFound."""
        rows = await self._store.read(_ONE, (number,))
        if not rows or (sight is not None and not sight.shows(rows[0]["identifier"], "")):
            raise NotFound(f"there is no look {number}: ask again")
        return await self._with_outcomes(rows[0])

    async def of(self, prescription: int) -> list[Look]:
        """Those of one prescription, the newest first."""
        rows = await self._store.read(_OF_RX, (prescription,))
        return [await self._with_outcomes(row) for row in rows]

    async def judge(self, look: Look, judged: Judged, by: By) -> Look:
        """What a person did with a card of it. Raises NotFound: there is no such card."""
        if judged.card not in look.cards:
            raise NotFound(f"there is no card {judged.card!r:.40} in this look: ask again")
        card = look.cards[judged.card][1]
        row: dict[str, str | int] = {
            "look": look.id,
            "card": judged.card,
            "outcome": judged.outcome,
            "suggestion": judged.suggestion,
            "reason": judged.reason.model_dump_json() if judged.reason else "",
            "comment": judged.comment,
            "by": by.actor,
            "at_ms": self.now_ms(),
            "at_utc_ms": self._clock.utc_us() // 1000,
            "told": _told_first(card, judged),
        }
        detail = {"look": look.id, "card": judged.card, "indicator": card.indicator}

        def work(db: sqlite3.Connection) -> None:
            db.execute(_JUDGE, row)
            entry = _entry(f"cds-card-{judged.outcome}", look.identifier, by, **detail)
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)
        return await self.find(look.id)

    async def _with_outcomes(self, row: sqlite3.Row) -> Look:
        about = {"id": row["id"], "rx": row["prescription"], "revision": row["revision"]}
        rows = await self._store.read(_OUTCOMES, about)
        done = tuple(Done(**{name: one[name] for name in Done.__dataclass_fields__}) for one in rows)
        names = [name for name in Look.__dataclass_fields__ if name not in ("answers", "outcomes")]
        answers = _ANSWERS.validate_json(row["answers"])
        return Look(**{name: row[name] for name in names}, answers=answers, outcomes=done)


def _told_first(card: Card, judged: Judged) -> str:
    """Without the card's uuid, or the suggestion's, the service is not told (CDS Hooks 2.0, Feedback)."""
    if not card.uuid or (judged.outcome == "accepted" and not judged.suggestion):
        return "no-uuid"
    return "due"


def _entry(action: str, patient: str, by: By, **detail: str | int) -> Entry:
    where: Mapping[str, str] = {"patient": patient, "where": by.where, "why": by.why}
    return Entry(action, by.actor, "cds", **where, detail=detail)


def told(look: Look) -> dict[str, object]:
    """A look as answers show it."""
    answers = [_answer(one) for one in look.answers]
    done = [asdict(one) for one in look.outcomes]
    names = ("id", "hook", "revision", "by", "asked_ms", "done_ms")
    shown = {name: getattr(look, name) for name in names}
    return {**shown, "answers": answers, "outcomes": done, "unacknowledged": [*unacknowledged(look)]}


def _answer(one: Answer) -> dict[str, object]:
    cards = [{"key": one.key(card), "card": card.model_dump()} for card in one.cards]
    return {**one.model_dump(exclude={"cards"}), "sent": list(one.sent), "cards": cards}
