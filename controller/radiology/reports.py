"""Reports: each version is kept for ever, a signed one goes to whoever placed the order.

reports = Reports(store, clock, signer.sign)
await reports.write(accession, written, over, sight, by)      # over: the version one knows; 0: none
await reports.versions(order)                                   # the newest first
"""

import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import Conflict, OrderError, Outdated
from controller.identity.certificates import By
from controller.radiology.document import document
from controller.radiology.model import ImagingOrder, Known, Version, Written
from controller.radiology.orders import held
from controller.radiology.states import (
    REPORT_STEPS,
    SIGNED,
    OrderState,
    ReportState,
    needs_proof,
)
from controller.signing.canonical import canonical
from controller.steps import check_step
from controller.store import Store

Sign = Callable[[Mapping[str, Any], str, int], str]
"""Signs a document by a person at a time, UTC in µs (signing.py). Raises AuthorityError."""

_VERSIONS = "SELECT * FROM imaging_report WHERE imaging_order = ? ORDER BY version DESC"
_ADD = """INSERT INTO imaging_report
(imaging_order, version, state, findings, conclusion, critical, by, at_ms, why, document, signature)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_TELL = """INSERT INTO imaging_notice (imaging_order, version, person, critical, at_ms)
VALUES (?, ?, ?, ?, ?)"""
_NOT_REPORTED = frozenset({OrderState.DRAFT, OrderState.ENTERED_IN_ERROR})


class Reports:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock, sign: Sign) -> None:
        self._store = store
        self._clock = clock
        self._sign = sign

    async def versions(self, order: ImagingOrder) -> list[Version]:
        """The newest first."""
        return [version_of(row) for row in await self._store.read(_VERSIONS, (order.id,))]

    async def proof_needed(self, order: ImagingOrder, to: ReportState) -> bool:
        """Whether who writes this has to prove who they are."""
        return needs_proof(_state(await self.versions(order)), to)

    async def write(self, known: Known, written: Written, by: By, *, proved: bool) -> Version:
        """The next version of the report; `proved`: the person has just shown who they are.

        Raises NotFound; Outdated: it is at another version; Conflict: not from the state it is in;
        OrderError: something is missing; AuthorityError: it cannot be signed.
        """
        return await self._store.write(lambda db: self._write(db, known, written, by, proved=proved))

    def _write(
        self, db: sqlite3.Connection, known: Known, written: Written, by: By, *, proved: bool
    ) -> Version:
        order = held(db, known.accession, known.sight)
        before = [version_of(row) for row in db.execute(_VERSIONS, (order.id,)).fetchall()]
        newest = before[0].version if before else 0
        if newest != known.over:
            raise Outdated(f"the report is at version {newest}, not {known.over}: look again")
        _check(order, _state(before), written)
        if needs_proof(_state(before), written.state) and not proved:
            raise Conflict("the report was signed meanwhile: look again, and prove who you are")
        made = self._add(db, order, newest + 1, written, by)
        self._audit(db, order, made, by)
        return made

    def _add(
        self, db: sqlite3.Connection, order: ImagingOrder, number: int, written: Written, by: By
    ) -> Version:
        now_ms, utc_us = self._clock.now_us() // 1000, self._clock.utc_us()
        told = signature = None
        if written.state in SIGNED:
            what = document(order, number, written, by.actor, utc_us // 1000)
            told, signature = canonical(what).decode(), self._sign(what, by.actor, utc_us)
        version = Version(number, written, by.actor, now_ms, told, signature)
        add(db, order, version)
        if written.state in SIGNED:
            db.execute(_TELL, (order.id, number, order.placed_by, int(written.critical), now_ms))
        return version

    def _audit(self, db: sqlite3.Connection, order: ImagingOrder, made: Version, by: By) -> None:
        action = "imaging-report-signed" if made.signature else "imaging-report-written"
        detail: dict[str, str | int] = {"version": made.version, "state": str(made.written.state)}
        entity, whose = f"imaging-order/{order.accession}", {"patient": order.identifier, "where": by.where}
        entry = Entry(action, by.actor, entity, **whose, why=made.written.why, detail=detail)
        append(db, entry, self._clock.utc_us())


def add(db: sqlite3.Connection, order: ImagingOrder, version: Version) -> None:
    """Keep a version, inside a transaction."""
    said = version.written
    what = str(said.state), said.findings, said.conclusion, int(said.critical), version.by, version.at_ms
    db.execute(_ADD, (order.id, version.version, *what, said.why, version.document, version.signature))


def version_of(row: sqlite3.Row) -> Version:
    """The version in a row of the table."""
    texts = row["findings"], row["conclusion"]
    written = Written(ReportState(row["state"]), *texts, bool(row["critical"]), row["why"])
    return Version(row["version"], written, row["by"], row["at_ms"], row["document"], row["signature"])


def _state(before: list[Version]) -> ReportState:
    """Where it is; before anything is written, it is as if the images were registered."""
    return before[0].written.state if before else ReportState.REGISTERED


def _check(order: ImagingOrder, now: ReportState, written: Written) -> None:
    if order.state in _NOT_REPORTED:
        raise Conflict(f"order {order.accession} is {order.state}: there is nothing to report")
    check_step(REPORT_STEPS, now, written.state)
    if written.state in SIGNED and not written.conclusion.strip():
        raise OrderError("expected a conclusion in what is signed, got none: write one")
    if now in SIGNED and not written.why.strip():
        raise OrderError("expected a reason, since the report was signed: say why it changes")
