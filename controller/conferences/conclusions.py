"""What was concluded of each case: written by the chair or the scribe, signed by each expert who took part.

    conclusions = Conclusions(books, signatures.check)
    await conclusions.write(Over("MC00000001", case, 0), Written("operate", "in a week"), by)
    await conclusions.sign(Over("MC00000001", case, 1), Stance("agrees"), jws, by)
    await conclusions.close(known, by)            # by.why: of a chair who closes although somebody is missing

Each expert signs the document with their own key, or says in words that are signed, too, that they differ.
Another version takes the place of what was signed, which is kept; everybody is asked again. When all have
signed every case, the conference is closed, and the conclusions are with who asked for it.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from controller.conferences.books import Books, asked_to, case_in, changed, current, led
from controller.conferences.document import About, Concluded, differing, document
from controller.conferences.model import Case, Conference, Known, Stand, person_of
from controller.conferences.notices import tell
from controller.conferences.sight import knows
from controller.conferences.standing import Standing, asked_to_sign, standing
from controller.conferences.states import CaseState, ConferenceState
from controller.errors import BadSignature, Conflict, OrderError, Outdated
from controller.identity.certificates import By
from controller.signing.canonical import canonical
from controller.signing.model import Signed
from controller.signing.verify import verify

Check = Callable[[sqlite3.Connection, str, Mapping[str, Any], str], Signed]
"""controller/signing: Signatures.check. Raises BadSignature, AuthorityError."""
LONGEST = 8000
_ADD = """INSERT INTO conference_conclusion (conference_case, version, conclusion, plan, by, at_ms, utc_ms,
  document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
_SIGN = """INSERT INTO conference_signed (conference_case, version, actor, stand, words, document, signature,
  receipt, at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_BESIDE = (
    "INSERT INTO conference_present (conference, actor, by, at_ms) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_HELD = frozenset({ConferenceState.IN_PROGRESS, ConferenceState.FINISHED})


@dataclass(frozen=True, slots=True)
class Over:
    """The conclusion of a case, as somebody knows it; version 0: there is none yet."""

    number: str
    case: int
    version: int


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody writes."""

    conclusion: str
    plan: str


@dataclass(frozen=True, slots=True)
class Stance:
    """What somebody signs; `words`: of who differs."""

    stand: Stand
    words: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What was signed at a partner site."""

    file: bytes
    """As `wardlink rx verify` takes it."""
    roots: Sequence[x509.Certificate]
    """The partner's."""


class Conclusions:
    """Methods raise StoreError, NotFound, Outdated, and Conflict: not now, or not this person."""

    def __init__(self, books: Books, check: Check) -> None:
        self._books = books
        self._check = check

    async def standing(self, conference: Conference) -> tuple[Standing, ...]:
        """How they stand, of each case."""
        return await self._books.store.write(lambda db: standing(db, conference))

    async def write(self, over: Over, written: Written, by: By) -> Standing:
        """The next version. Raises OrderError: nothing is said."""
        if not written.conclusion.strip():
            raise OrderError("expected a conclusion, got nothing: say what is recommended, or why nothing is")

        def work(db: sqlite3.Connection) -> Standing:
            conference, before = self._known(db, over, by)
            writes = by.actor in {conference.chair.person.actor, conference.plan.scribe}
            if not (writes and knows(conference, by.actor)):
                raise Conflict("expected the chair, or whom the chair named to write: tell them")
            if before.case.state is CaseState.WAITING:
                raise Conflict("the case was not spoken about yet: the chair shows it first")
            version, utc_ms = over.version + 1, self._books.utc_ms()
            concluded = Concluded(version, written.conclusion, written.plan, by.actor, utc_ms)
            content = document(self._about(db, conference, before.case), concluded)
            row = before.case.id, version, written.conclusion, written.plan, by.actor, self._books.now_ms()
            db.execute(_ADD, (*row, utc_ms, canonical(content).decode()))
            now = changed(db, conference, by, self._books.now_ms())
            self._note(db, "conference-concluded", now, before.case, by, version=version)
            made = _of(standing(db, now), over.case)
            tell(db, self._books, now, "to-sign", set(made.missing) - {by.actor}, detail=before.case.question)
            return made

        return await self._books.store.write(work)

    async def to_sign(self, over: Over, stance: Stance, by: By) -> dict[str, Any]:
        """The document that `by.actor` signs to say so."""
        return await self._books.store.write(lambda db: self._to_sign(db, over, stance, by)[2])

    async def sign(self, over: Over, stance: Stance, jws: str, by: By) -> Conference:
        """With a key of this site. Raises BadSignature, AuthorityError."""

        def work(db: sqlite3.Connection) -> Conference:
            conference, before, content = self._to_sign(db, over, stance, by)
            return self._keep(db, (conference, before), stance, self._check(db, by.actor, content, jws), by)

        return await self._books.store.write(work)

    async def take_signed(self, over: Over, stance: Stance, elsewhere: Elsewhere, by: By) -> Conference:
        """Of an expert of a partner site, who signed with a key of that site. Raises BadSignature."""
        return await self._books.store.write(lambda db: self.take_signed_in(db, over, stance, elsewhere, by))

    def take_signed_in(
        self, db: sqlite3.Connection, over: Over, stance: Stance, elsewhere: Elsewhere, by: By
    ) -> Conference:
        """The same, in the caller's transaction."""
        conference, before, content = self._to_sign(db, over, stance, by)
        verified, parts = verify(elsewhere.file, elsewhere.roots), json.loads(elsewhere.file)
        if verified.name != person_of(by.actor).name:
            raise BadSignature(f"expected a signature of {by.actor}, got one of {verified.name}", "person")
        if canonical(verified.document) != canonical(content):
            raise BadSignature("the signature is over another document than this: sign again", "changed")
        signed = Signed(content, parts["signature"], parts["receipt"])
        return self._keep(db, (conference, before), stance, signed, by)

    async def took_part(self, number: str, actor: str, by: By) -> Conference:
        """The chair says that somebody sat at another's screen: they are asked to sign, too."""

        def work(db: sqlite3.Connection) -> Conference:
            conference = _held(led(asked_to(db, number, by.actor), by))
            if conference.member(actor) is None:
                raise OrderError(f"expected somebody who was asked, got {actor!r:.80}: ask them first")
            db.execute(_BESIDE, (conference.id, actor, by.actor, self._books.now_ms()))
            now = changed(db, conference, by, self._books.now_ms())
            self._books.note(db, "conference-took-part", now, by, who=actor)
            return now

        return await self._books.store.write(work)

    async def close(self, known: Known, by: By) -> Conference:
        """The chair does, when the talk is over. Raises OrderError: something is missing, and `by.why` does
        not say why it is closed all the same."""

        def work(db: sqlite3.Connection) -> Conference:
            conference = led(current(db, known, by), by)
            if conference.state is not ConferenceState.FINISHED:
                raise Conflict(f"conference {known.number} is {conference.state}: end the talk first")
            missing = _missing(standing(db, conference))
            if missing and not by.why.strip():
                raise OrderError(f"expected why it is closed without {missing}, got nothing: say why")
            return self._close(db, conference, missing, by)

        return await self._books.store.write(work)

    def _known(self, db: sqlite3.Connection, over: Over, by: By) -> tuple[Conference, Standing]:
        conference = _held(asked_to(db, over.number, by.actor))
        case_in(conference, over.case)
        found = _of(standing(db, conference), over.case)
        newest = found.concluded.version if found.concluded else 0
        if newest != over.version:
            raise Outdated(f"the conclusion is at version {newest}, not {over.version}: look again")
        return conference, found

    def _to_sign(
        self, db: sqlite3.Connection, over: Over, stance: Stance, by: By
    ) -> tuple[Conference, Standing, dict[str, Any]]:
        conference, found = self._known(db, over, by)
        if found.concluded is None:
            raise Conflict("there is no conclusion yet: there is nothing to sign")
        if by.actor not in found.missing:
            raise Conflict("expected an expert who took part and has not signed this version, you are none")
        if (stance.stand == "differs") != bool(stance.words.strip()):
            raise OrderError("expected words of who differs, and of nobody else: say in which way")
        if stance.stand == "agrees":
            return conference, found, json.loads(found.document)
        about = self._about(db, conference, found.case)
        return conference, found, differing(about, found.concluded, by.actor, stance.words)

    def _keep(
        self,
        db: sqlite3.Connection,
        of: tuple[Conference, Standing],
        stance: Stance,
        signed: Signed,
        by: By,
    ) -> Conference:
        (conference, found), now_ms = of, self._books.now_ms()
        version = found.concluded.version if found.concluded else 0
        proof = canonical(dict(signed.document)).decode(), signed.signature, signed.receipt
        said = by.actor, stance.stand, stance.words
        db.execute(_SIGN, (found.case.id, version, *said, *proof, now_ms))
        now = changed(db, conference, by, now_ms)
        self._note(db, "conference-signed", now, found.case, by, version=version, stand=stance.stand)
        if now.state is ConferenceState.FINISHED and not _missing(standing(db, now)):
            return self._close(db, now, "", by)
        return now

    def _close(self, db: sqlite3.Connection, conference: Conference, missing: str, by: By) -> Conference:
        columns = {"state": "fulfilled", "closed_ms": self._books.now_ms(), "closed_why": by.why}
        closed = changed(db, conference, by, self._books.now_ms(), **columns)
        self._books.note(db, "conference-closed", closed, by, missing=missing)
        people = {one.person.actor for one in closed.members} | {closed.requester}
        tell(db, self._books, closed, "closed", people - {by.actor}, detail=missing)
        return closed

    def _about(self, db: sqlite3.Connection, conference: Conference, case: Case) -> About:
        experts = [conference.member(actor) for actor in asked_to_sign(db, conference)]
        began = conference.began_utc_ms or 0
        whose = conference.number, case.id, case.identifier, case.name, case.question
        return About(*whose, began, conference.requester, tuple(one.display for one in experts if one))

    def _note(
        self,
        db: sqlite3.Connection,
        action: str,
        conference: Conference,
        case: Case,
        by: By,
        **detail: str | int,
    ) -> None:
        self._books.note(db, action, conference, by, patient=case.identifier, case=case.id, **detail)


def _held(conference: Conference) -> Conference:
    if conference.state not in _HELD:
        raise Conflict(f"conference {conference.number} is {conference.state}: nothing is concluded now")
    return conference


def _of(found: Iterable[Standing], case: int) -> Standing:
    """Raises Conflict: it is not on the agenda any more."""
    for one in found:
        if one.case.id == case:
            return one
    raise Conflict("the case was taken off the agenda: nothing is concluded of it")


def _missing(found: Iterable[Standing]) -> str:
    """In words; "": nothing."""
    parts = [
        f"case {one.case.place}: {', '.join(one.missing) or 'a conclusion'}"
        for one in found
        if not one.is_complete
    ]
    return "; ".join(parts)
