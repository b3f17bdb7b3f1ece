"""A patient with a birth date, a pharmacy, and the patient's own way in."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from controller.imaging.sight import WHOLE
from controller.patient_access.invitations import Invitations
from controller.patient_access.sessions import Began, PatientAccess, PatientSessions
from controller.patient_access.taken import Taken
from controller.patients.model import Meant, Person
from controller.patients.register import Patients
from tests.support.prescriptions import NINA, Pharmacy, pharmacy

BORN = "1950-03-07"


@dataclass
class Home:
    """The pharmacy, and what patients have of it."""

    pharmacy: Pharmacy
    patients: Patients
    invitations: Invitations
    sessions: PatientSessions
    taken: Taken

    async def invited(self, identifier: str = "4711") -> str:
        return (await self.invitations.invite(Meant(identifier, WHOLE), NINA)).code

    async def entered(self) -> Began:
        began = await self.invitations.enter(await self.invited(), BORN, "10.0.0.9")
        assert began is not None
        return began

    async def access(self) -> PatientAccess:
        found = await self.sessions.find((await self.entered()).token)
        assert found is not None
        return found


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    async with pharmacy(tmp_path) as here:
        patients = Patients(here.store, here.clock)
        person = Person(BORN, "female")
        await patients.set_person(Meant("4711", WHOLE), person, NINA)
        sessions = PatientSessions(here.store, here.clock)
        parts = Invitations(here.store, here.clock, patients), sessions, Taken(here.rx.books)
        yield Home(here, patients, *parts)
