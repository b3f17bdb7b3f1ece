"""Visits on a real database: a ward's patient on a bed, an out-patient, a physician, a nurse."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from controller.identity.certificates import By
from controller.imaging.sight import WHOLE, Sight
from controller.telemedicine.access import VisitAccess, VisitSessions
from controller.telemedicine.books import Books
from controller.telemedicine.consents import Consents
from controller.telemedicine.links import Invitee, Links, Made
from controller.telemedicine.model import Known, Plan, Subject, Visit
from controller.telemedicine.visits import Visits
from tests.support.prescriptions import Pharmacy, pharmacy

BEN, NINA = By("ben", "10.0.0.2"), By("nina", "10.0.0.5")
PATIENT = By("patient:4711", "10.0.0.9")
INPATIENT, OUTPATIENT = Subject("4711", "Muster, Anna"), Subject("0100", "Zhou, Li")
MINUTE_MS = 60_000


@dataclass
class Clinic:
    """The visits of a ward."""

    ward: Pharmacy
    books: Books
    visits: Visits
    consents: Consents
    links: Links
    sessions: VisitSessions
    seen: Sight = field(default=WHOLE)

    def plan(self, in_minutes: float = 10, **more: Any) -> Plan:
        start_ms = self.books.utc_ms() + int(in_minutes * MINUTE_MS)
        return Plan(**{"host": "ben", "start_ms": start_ms, "minutes": 20, "reason": "cough", **more})

    async def booked(self, subject: Subject = INPATIENT, **more: Any) -> Visit:
        return await self.visits.book(subject, self.plan(**more), NINA)

    def known(self, visit: Visit) -> Known:
        return Known(visit.number, visit.revision, self.seen)

    async def find(self, visit: Visit) -> Visit:
        return await self.books.find(visit.number, WHOLE)

    async def link(self, visit: Visit, guest: str = "") -> Made:
        invitee = Invitee("guest", guest) if guest else Invitee("patient", "")
        return await self.links.make(visit, invitee, NINA)

    async def entered(self, made: Made) -> str:
        began = await self.links.enter(made.token, made.code, "10.0.0.9")
        assert began is not None
        return began.token

    async def access(self, made: Made) -> VisitAccess:
        found = await self.sessions.find(await self.entered(made))
        assert found is not None
        return found

    def later(self, minutes: float) -> None:
        self.ward.later(minutes / 60)


@pytest.fixture
async def clinic(tmp_path: Path) -> AsyncIterator[Clinic]:
    async with pharmacy(tmp_path) as ward:
        books = Books(ward.store, ward.clock)
        yield Clinic(ward, books, Visits(books), Consents(books), Links(books), VisitSessions(books))
