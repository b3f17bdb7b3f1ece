"""Prescriptions signed by personal keys (controller/signing/), and checked again as anybody could."""

import sqlite3
from typing import Any

from controller.clock import Clock
from controller.hub import Hub
from controller.patients.register import Patients
from controller.prescriptions.checking import KnownChecks
from controller.prescriptions.medicines import Medicines
from controller.prescriptions.people import People
from controller.prescriptions.service import Prescriptions
from controller.prescriptions.set_up import set_up
from controller.prescriptions.signatures import Proof
from controller.registry import Registry
from controller.sections import PrescriptionsSection
from controller.security.badges import Badges
from controller.signing.model import Signed
from controller.signing.service import Signatures
from controller.store import Store

Json = dict[str, Any]


class PersonalKeys:
    """The keys of one controller's people. They raise AuthorityError, too: the site's own files are amiss."""

    def __init__(self, signatures: Signatures) -> None:
        self._signatures = signatures

    def check(self, db: sqlite3.Connection, person: str, content: Json, jws: str) -> Proof:
        """See prescriptions.signatures."""
        signed = self._signatures.check(db, person, content, jws)
        return Proof(signed.signature, signed.receipt)

    async def again(self, person: str, content: Json, proof: Proof) -> None:
        """See prescriptions.signatures."""
        await self._signatures.again(person, Signed(content, proof.signature, proof.receipt))


def keyed(
    parts: tuple[Store, Clock, Registry, Hub],
    signatures: Signatures,
    patients: Patients,
    badges: Badges,
    known: PrescriptionsSection,
) -> Prescriptions:
    """The prescriptions of one controller: signed by personal keys, checked by the bases of the site.

    Raises KnowledgeError.
    """
    knowledge, formulary = set_up(known)
    checks = KnownChecks(knowledge, patients, parts[1])
    keys, people = PersonalKeys(signatures), People(badges, parts[2], patients)
    medicines = Medicines(formulary, knowledge)
    gap_ms = known.cold_gap_minutes * 60_000
    return Prescriptions(*parts, keys, checks=checks, medicines=medicines, people=people, gap_ms=gap_ms)
