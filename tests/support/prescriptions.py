"""Prescriptions on a real database: people with real keys, a ward's patient, packs with codes on them.

async with pharmacy(tmp_path) as here:
    rx = await here.signed()
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from controller.errors import BadSignature
from controller.hub import Hub
from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.patients.register import Patients
from controller.prescriptions.checks.model import Checked, Line, Source
from controller.prescriptions.delivery import Begun
from controller.prescriptions.dispense import Dispense, Over, Scanned
from controller.prescriptions.document import document
from controller.prescriptions.gs1 import check_digit
from controller.prescriptions.medicines import Medicines
from controller.prescriptions.model import (
    Coded,
    Ingredient,
    Issue,
    Known,
    Medicine,
    Person,
    Prescription,
    Quantity,
    Timing,
    Wanted,
)
from controller.prescriptions.people import People
from controller.prescriptions.prescribing import Draft
from controller.prescriptions.products import Product
from controller.prescriptions.service import Prescriptions
from controller.prescriptions.set_up import set_up
from controller.prescriptions.signatures import Proof
from controller.prescriptions.states import TaskState
from controller.prescriptions.tasks import Task
from controller.registry import Patient, Registry
from controller.sections import PrescriptionsSection
from controller.security.accounts import By as Admin
from controller.security.badges import Badges, Shown
from controller.security.passwords import Passwords
from controller.security.permissions import Role
from controller.security.sealing import Sealing
from controller.security.throttle import Throttle
from controller.security.users import set_password
from controller.signing.canonical import canonical
from controller.store import Store
from tests.support.controller import quick_passwords
from tests.unit.controller.conftest import TestClock

ATC = "http://www.whocc.no/atc"
ORAL = Coded("http://snomed.info/sct", "26643006", "Oral route")
ANNA, BEN = By("anna", "10.0.0.1"), By("ben", "10.0.0.2")
"""Physicians."""
PIA, PAUL = By("pia", "10.0.0.3"), By("paul", "10.0.0.4")
"""Pharmacists."""
NINA, NICK = By("nina", "10.0.0.5"), By("nick", "10.0.0.6")
"""Nurses."""


def medicine(code: str = "C07AB02", name: str = "Metoprolol 50 mg", strength: str = "50 mg") -> Medicine:
    substance = Coded(ATC, code[:5], name.partition(" ")[0])
    return Medicine(Coded(ATC, code, name), "tablet", (Ingredient(substance, strength),))


METOPROLOL = medicine()
GTIN = "0950110153000" + check_digit("0950110153000")
WANTED = Wanted(
    setting="inpatient",
    medicine=METOPROLOL,
    dose=Quantity("1", "{tablet}"),
    route=ORAL,
    timing=Timing("per-day", times=2),
    quantity=Quantity("20", "{tablet}"),
    reason="hypertension",
)


def gtin(number: int) -> str:
    body = f"{950110153000 + number:013d}"
    return body + check_digit(body)


def code(batch: str = "B1", expiry: str = "401231", serial: str = "S1", of: str = GTIN) -> str:
    """What a scanner reads off a pack."""
    return f"]d201{of}17{expiry}10{batch}\x1d21{serial}"


class Keys:
    """A key for each person, and real signatures with them."""

    def __init__(self) -> None:
        self._keys: dict[str, ec.EllipticCurvePrivateKey] = {}

    def sign(self, person: str, content: dict[str, Any]) -> str:
        key = self._keys.setdefault(person, ec.generate_private_key(ec.SECP256R1()))
        return key.sign(canonical(content), ec.ECDSA(hashes.SHA256())).hex()

    def check(self, db: sqlite3.Connection, person: str, content: dict[str, Any], jws: str) -> Proof:
        del db
        self._hold(person, content, jws)
        return Proof(jws, "receipt")

    async def again(self, person: str, content: dict[str, Any], proof: Proof) -> None:
        self._hold(person, content, proof.signature)

    def _hold(self, person: str, content: dict[str, Any], jws: str) -> None:
        key = self._keys.get(person)
        try:
            if key is None:
                raise BadSignature(f"{person} has no key")
            key.public_key().verify(bytes.fromhex(jws), canonical(content), ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            raise BadSignature("the signature does not hold", "changed") from None


KNOWLEDGE, FORMULARY = set_up(PrescriptionsSection())
MEDICINES = Medicines(FORMULARY, KNOWLEDGE)


@dataclass
class Said:
    """Checks that find what a test tells them."""

    found: list[Issue] = field(default_factory=list)

    async def hints(self, person: Person, wanted: Wanted, others: Sequence[Prescription]) -> Sequence[Issue]:
        del person, wanted, others
        return list(self.found)

    async def look(self, person: Person, line: Line, others: Sequence[Prescription]) -> Checked:
        del person, line, others
        return Checked((), (), ())

    def sources(self) -> Sequence[Source]:
        return ()


class Pharmacy:
    """The service, and the words to use it with."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.keys, self.checks = store, TestClock(), Keys(), Said()
        self.hub = Hub(self.clock, "session")
        self.registry = Registry(store, self.hub, self.clock)
        parts = store, self.clock, self.registry, self.hub, self.keys
        key = Sealing(store.folder / "keys" / "badges.key")
        self.badges = Badges(store, self.clock, Passwords(), Throttle(self.clock), key)
        people = People(self.badges, self.registry, Patients(store, self.clock))
        self.rx = Prescriptions(*parts, checks=self.checks, medicines=MEDICINES, people=people)

    async def enrol(self, name: str, role: Role = Role.NURSE, wards: Sequence[str] | None = None) -> Shown:
        """A person with a badge, which is shown; `wards` None: all of them."""
        with quick_passwords():
            await set_password(self.store, self.clock, name, "a long enough password", role)
        if wards is not None:
            rows = [(name, ward) for ward in wards]
            await self.store.write(
                lambda db: db.execute("UPDATE user SET all_wards = 0 WHERE name = ?", (name,))
            )
            await self.store.write(lambda db: db.executemany("INSERT INTO user_ward VALUES (?, ?)", rows))
        await self.badges.enrol(name, f"badge of {name}", Admin("admin"))
        return Shown(badge=f"badge of {name}")

    def later(self, hours: float) -> None:
        self.clock.at_us += int(hours * 3_600_000_000)

    async def draft(self, wanted: Wanted = WANTED, **more: Any) -> Prescription:
        draft = Draft(wanted, **{"delivery": "ward", **more})
        return await self.rx.prescribing.draft(Person("4711", "Muster, Anna"), draft, WHOLE, ANNA)

    async def sign(self, rx: Prescription, by: By = ANNA) -> Prescription:
        known = Known(rx.number, rx.revision, WHOLE)
        return await self.rx.prescribing.sign(known, self.keys.sign(by.actor, document(rx)), by)

    async def signed(self, wanted: Wanted = WANTED, **more: Any) -> Prescription:
        return await self.sign(await self.draft(wanted, **more))

    async def find(self, rx: Prescription) -> Prescription:
        return await self.rx.books.find(rx.number, WHOLE)

    async def task(self, rx: Prescription) -> Task:
        return (await self.rx.tasks.of(rx))[-1]

    async def accepted(self, rx: Prescription, by: By = PIA) -> Task:
        task = await self.task(rx)
        return await self.rx.tasks.step(task.id, task.revision, TaskState.ACCEPTED, WHOLE, by)

    async def record(self, what: Medicine = METOPROLOL, of: str = GTIN, *, high_alert: bool = False) -> None:
        known = await self.rx.products.find(of)
        await self.rx.products.put(Product(of, what, high_alert), known.revision if known else 0, PIA)

    async def begun(self, rx: Prescription, value: str = "20") -> Dispense:
        task = await self.task(rx)
        if task.state is TaskState.REQUESTED:
            task = await self.accepted(rx)
        return await self.rx.dispensing.begin(task.id, task.revision, value, WHOLE, PIA)

    async def scanned(self, dispense: Dispense, value: str = "", **pack: Any) -> Dispense:
        scan = Scanned(code(**pack), value or dispense.value)
        return await self.rx.dispensing.scan(over(dispense), scan, PIA)

    async def handed_out(
        self, rx: Prescription, value: str = "20", serial: str = "S1"
    ) -> tuple[Dispense, Begun]:
        dispense = await self.scanned(await self.begun(rx, value), serial=serial)
        return await self.rx.dispensing.complete(over(dispense), "ward-a", PIA)

    async def trail(self, action: str) -> list[dict[str, Any]]:
        rows = await self.store.read("SELECT entry FROM audit ORDER BY number")
        entries = [json.loads(row[0]) for row in rows]
        return [one for one in entries if one["action"] == action]


def over(dispense: Dispense) -> Over:
    return Over(dispense.number, dispense.revision, WHOLE)


def why(by: By, reason: str) -> By:
    return replace(by, why=reason)


@asynccontextmanager
async def pharmacy(folder: Path) -> AsyncIterator[Pharmacy]:
    """Ward w-1 with bed-1, on which 4711 lies; one product on the shelf."""
    store = await Store.open(folder / "wardlink.sqlite")
    here = Pharmacy(store)
    await here.registry.load()
    await here.registry.add_ward("w-1", "Ward 1")
    await here.registry.add_bed("bed-1", "w-1", "Bed 1")
    await here.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nina")
    await here.record()
    try:
        yield here
    finally:
        await store.close()
