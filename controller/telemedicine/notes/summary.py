"""The summary of a visit: drafted of the notes in plain words, signed by a physician's own key.

    summaries = Summaries(books, signatures.check)
    made = await summaries.draft(Known(visit.number, newest, sight), plain, by)
    signed = await summaries.sign(Known(visit.number, made.version, sight), jws, by)   # over document(made)
    await summaries.of_patient("4711")        # what the patient sees: of each visit the newest that is signed

Nothing of it changes: what is signed is amended by another version, which says why and names the one before.
"""

import json
import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from pydantic import TypeAdapter

from controller.errors import Conflict, OrderError, Outdated
from controller.identity.certificates import By
from controller.prescriptions.signatures import Proof
from controller.signing.canonical import canonical
from controller.signing.model import Signed as Countersigned
from controller.telemedicine.books import Books, held
from controller.telemedicine.model import Known, Language, Subject, Visit
from controller.telemedicine.notes.document import document
from controller.telemedicine.notes.model import Next, Note, Plain, Signed, Summary, SummaryVersion
from controller.telemedicine.notes.prescribed import medicines
from controller.telemedicine.notes.words import CALL
from controller.telemedicine.notes.writing import newest as newest_note
from controller.telemedicine.states import VisitState

Check = Callable[[sqlite3.Connection, str, dict[str, Any], str], Proof | Countersigned]
"""controller/signing: Signatures.check. Raises BadSignature, AuthorityError."""
_SUMMARY = TypeAdapter(Summary)
_SELECT = """SELECT visit_summary.*, signed.by AS signed_by, signed.utc_ms AS signed_ms, signed.document,
  signed.signature, signed.receipt
FROM visit_summary LEFT JOIN visit_summary_signed AS signed USING (visit, version)"""
_OF = f"{_SELECT} WHERE visit = ? ORDER BY version DESC"
_OF_PATIENT = f"""{_SELECT} WHERE signed.version IS NOT NULL AND version = (
  SELECT max(version) FROM visit_summary_signed AS other WHERE other.visit = visit_summary.visit)
AND visit IN (SELECT visit.id FROM visit LEFT JOIN stay ON stay.id = visit.stay
  WHERE ifnull(stay.identifier, visit.subject) = ? AND visit.state <> 'entered-in-error')
ORDER BY signed.utc_ms DESC LIMIT 100"""
_NEXT = """SELECT number, start_ms, minutes FROM visit WHERE follows = ? AND state IN ('booked', 'arrived')
ORDER BY start_ms LIMIT 1"""
_ADD = """INSERT INTO visit_summary (visit, version, content, by, at_ms, utc_ms) VALUES (?, ?, ?, ?, ?, ?)"""
_SIGN = """INSERT INTO visit_summary_signed (visit, version, by, utc_ms, document, signature, receipt)
VALUES (?, ?, ?, ?, ?, ?, ?)"""
_HELD = frozenset({VisitState.IN_PROGRESS, VisitState.FULFILLED})


class Summaries:
    """Methods raise StoreError, too."""

    def __init__(self, books: Books, check: Check) -> None:
        self._books = books
        self._check = check

    async def versions(self, visit: Visit) -> list[SummaryVersion]:
        """The newest first."""
        return _versions(await self._books.store.read(_OF, (visit.id,)))

    async def of_patient(self, identifier: str) -> list[SummaryVersion]:
        """Of each visit of the patient the newest that is signed, the latest first."""
        return _versions(await self._books.store.read(_OF_PATIENT, (identifier,)))

    async def draft(self, known: Known, plain: Plain, by: By) -> SummaryVersion:
        """The next version, of the words and of what notes, prescriptions and visits say now.

        Raises NotFound; Outdated; Conflict: the visit was not held; OrderError: something is missing.
        """

        def work(db: sqlite3.Connection) -> SummaryVersion:
            visit, before = self._current(db, known, by)
            if visit.state not in _HELD:
                raise Conflict(f"visit {visit.number} is {visit.state}: there is nothing to sum up")
            replaces = next((one.version for one in before if one.signed), 0)
            _check_words(plain, is_amended=replaces > 0)
            content, number = _composed(db, visit, plain, replaces), len(before) + 1
            made = SummaryVersion(number, content, by.actor, self._books.now_ms(), self._books.utc_ms(), None)
            told = _SUMMARY.dump_json(content).decode()
            db.execute(_ADD, (visit.id, number, told, made.by, made.at_ms, made.utc_ms))
            self._books.note(db, "visit-summary-written", visit, by, version=number)
            return made

        return await self._books.store.write(work)

    async def sign(self, known: Known, jws: str, by: By) -> SummaryVersion:
        """What the newest version says, the patient sees from now on.

        Raises NotFound; Outdated; Conflict: another wrote it, or it is signed; BadSignature: `jws` is not by
        this person over its document.
        """

        def work(db: sqlite3.Connection) -> SummaryVersion:
            visit, before = self._current(db, known, by)
            if not before or before[0].signed is not None:
                raise Conflict(
                    f"there is no draft of a summary of {visit.number} to be signed: write one first"
                )
            if before[0].by != by.actor:
                raise Conflict(f"{before[0].by} wrote it: save it yourself before you sign it")
            content = document(before[0])
            proof = self._check(db, by.actor, content, jws)
            signed = Signed(
                by.actor, self._books.utc_ms(), canonical(content).decode(), proof.signature, proof.receipt
            )
            row = signed.by, signed.utc_ms, signed.document, signed.signature, signed.receipt
            db.execute(_SIGN, (visit.id, before[0].version, *row))
            self._books.note(db, "visit-summary-signed", visit, by, version=before[0].version)
            return _versions(db.execute(_OF, (visit.id,)).fetchall())[0]

        return await self._books.store.write(work)

    def _current(
        self, db: sqlite3.Connection, known: Known, by: By
    ) -> tuple[Visit, Sequence[SummaryVersion]]:
        """The visit and its versions, if the newest is the one that is known. Raises NotFound, Outdated."""
        visit = held(db, known.number, known.sight, by.actor)
        before = _versions(db.execute(_OF, (visit.id,)).fetchall())
        newest = before[0].version if before else 0
        if newest != known.over:
            raise Outdated(f"the summary is at version {newest}, not {known.over}: look again")
        return visit, before


def proposed(note: Note, language: Language) -> Plain:
    """Words to begin with: the physician says them plainer."""
    return Plain(language, note.reason, note.assessment, note.plan, CALL[language])


def signed_file(version: SummaryVersion) -> bytes:
    """For `wardlink rx verify`. Only of one that is signed."""
    if version.signed is None:
        raise ValueError(f"expected a version that is signed, got {version.version}")
    one = version.signed
    return Countersigned(json.loads(one.document), one.signature, one.receipt).file()


def _composed(db: sqlite3.Connection, visit: Visit, plain: Plain, replaces: int) -> Summary:
    note = newest_note(db, visit).note
    row = db.execute(_NEXT, (visit.number,)).fetchone()
    return Summary(
        number=visit.number,
        subject=Subject(visit.identifier, visit.name),
        host=visit.plan.host,
        began_ms=visit.began_ms,
        ended_ms=visit.ended_ms,
        replaces=replaces,
        plain=plain,
        referral=note.referral,
        vitals=note.vitals,
        medicines=tuple(medicines(db, visit, plain.language)),
        home=note.home,
        follow_up=Next(*row) if row else None,
    )


def _check_words(plain: Plain, *, is_amended: bool) -> None:
    missing = [name for name in ("talked", "todo") if not getattr(plain, name).strip()]
    if missing:
        raise OrderError(f"expected {' and '.join(missing)} in plain words, got nothing: write it")
    if is_amended and not plain.why.strip():
        raise OrderError("expected a reason, since a version is signed: say why it changes")
    if not is_amended and plain.why.strip():
        raise OrderError("expected no reason, since nothing is signed yet: leave it empty")


def _versions(rows: Sequence[sqlite3.Row]) -> list[SummaryVersion]:
    return [_version(row) for row in rows]


def _version(row: sqlite3.Row) -> SummaryVersion:
    signed = None
    if row["signed_by"] is not None:
        proof = row["document"], row["signature"], row["receipt"]
        signed = Signed(row["signed_by"], row["signed_ms"], *proof)
    content = _SUMMARY.validate_json(row["content"])
    return SummaryVersion(row["version"], content, row["by"], row["at_ms"], row["utc_ms"], signed)
