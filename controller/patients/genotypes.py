"""What a laboratory found of a patient's genes: the newest by gene counts, by whom and of when.

    genotypes = Genotypes(store, clock)
    await genotypes.say(Meant("4711"), Said("CYP2C19", "*2/*2", "Sample laboratory", at_ms), by)
    await genotypes.of("4711")                 # (Genotype("CYP2C19", "*2/*2", …),)

A gene whose newest value is "" was entered by mistake: nothing is known of it. Values are the words of the
laboratory (star alleles as PharmVar names them, "*57:01 positive" of HLA-B); nothing is derived here.
"""

import re
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from controller.audit.chain import append
from controller.audit.entry import Entry
from controller.clock import Clock
from controller.errors import NotFound, OrderError
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE, Sight
from controller.patients.model import Meant
from controller.patients.rows import ONE
from controller.store import Store

HGNC = "http://www.genenames.org/geneId"
GENES: Final[Mapping[str, str]] = {
    "CYP2C19": "HGNC:2621",
    "CYP2C9": "HGNC:2623",
    "VKORC1": "HGNC:23663",
    "TPMT": "HGNC:12014",
    "NUDT15": "HGNC:23063",
    "HLA-B": "HGNC:4932",
    "DPYD": "HGNC:3012",
    "SLCO1B1": "HGNC:10959",
}
"""Genes that can be entered, by the HUGO Gene Nomenclature Committee's symbols, with its ids."""
_VALUE = re.compile(r"[A-Za-z0-9*.+:>()_/ -]{1,60}", re.ASCII)
_LATE_MS = 60_000
_NEWEST = """SELECT one.* FROM patient_genotype AS one JOIN patient ON patient.id = one.patient
WHERE patient.identifier = :identifier AND one.id = (SELECT max(id) FROM patient_genotype AS newest
  WHERE newest.patient = one.patient AND newest.gene = one.gene) AND one.value <> '' ORDER BY one.gene"""
_STAY = "SELECT id FROM stay WHERE identifier = ? AND to_ms IS NULL ORDER BY id DESC LIMIT 1"
_KNOWN = "SELECT id FROM patient WHERE identifier = ?"
_ADD = "INSERT INTO patient (identifier, name, ward, revision, by, at_ms) VALUES (?, ?, NULL, 0, ?, ?)"
_SAY = """INSERT INTO patient_genotype (patient, gene, value, laboratory, at_ms, stay, by, said_ms)
VALUES (:patient, :gene, :value, :laboratory, :at_ms, :stay, :by, :said_ms)"""


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody enters; `at_ms`: of the laboratory's report; `value` "": the last was a mistake."""

    gene: str
    value: str
    laboratory: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Genotype:
    """What is known of one gene."""

    id: int
    gene: str
    value: str
    laboratory: str
    at_ms: int
    by: str
    said_ms: int

    @property
    def hgnc(self) -> str:
        """Its id of the HGNC."""
        return GENES[self.gene]


class Genotypes:
    """Methods raise StoreError, too."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, identifier: str, sight: Sight = WHOLE) -> tuple[Genotype, ...]:
        """All that is known of one patient, by gene. Raises NotFound."""
        if not await self._store.read(ONE, {"identifier": identifier}) or not sight.shows(identifier, ""):
            raise NotFound(f"there is no patient {identifier!r:.80}: see /api/patients for those there are")
        rows = await self._store.read(_NEWEST, {"identifier": identifier})
        return tuple(Genotype(**{name: row[name] for name in Genotype.__dataclass_fields__}) for row in rows)

    async def say(self, who: Meant, said: Said, by: By) -> None:
        """Enter it; what was said before is kept. Raises NotFound, OrderError."""
        now_ms = self._clock.now_us() // 1000
        _check(said, now_ms)

        def work(db: sqlite3.Connection) -> None:
            row = db.execute(ONE, {"identifier": who.identifier}).fetchone()
            if row is None or not who.sight.shows(who.identifier, ""):
                raise NotFound(f"there is no patient {who.identifier!r:.80}: see /api/patients")
            if db.execute(_KNOWN, (who.identifier,)).fetchone() is None:
                db.execute(_ADD, (who.identifier, row["name"], by.actor, now_ms))
            stay = db.execute(_STAY, (who.identifier,)).fetchone()
            told = {name: getattr(said, name) for name in Said.__dataclass_fields__}
            patient = db.execute(_KNOWN, (who.identifier,)).fetchone()["id"]
            more = {"patient": patient, "stay": stay and stay["id"], "by": by.actor, "said_ms": now_ms}
            db.execute(_SAY, {**told, **more})
            entity = f"patient/{who.identifier}"[:200]
            whose: Mapping[str, str] = {"patient": who.identifier, "where": by.where, "why": by.why}
            detail = {"gene": said.gene, "value": said.value, "laboratory": said.laboratory}
            entry = Entry("patient-genotype", by.actor, entity, **whose, detail=detail)
            append(db, entry, self._clock.utc_us())

        await self._store.write(work)


def _check(said: Said, now_ms: int) -> None:
    if said.gene not in GENES:
        raise OrderError(f"expected a gene of {', '.join(GENES)}, got {said.gene!r:.40}")
    if said.value and not _VALUE.fullmatch(said.value):
        raise OrderError(f"expected a genotype as the laboratory writes it (*1/*2), got {said.value!r:.80}")
    if said.at_ms > now_ms + _LATE_MS:
        raise OrderError(f"expected the date of the report, got a time to come ({said.at_ms} ms)")
