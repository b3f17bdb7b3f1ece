"""What is written of visits, on a real database; ben and anna sign with keys of their own."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from controller.identity.certificates import By
from controller.imaging.sight import WHOLE
from controller.telemedicine.model import Known, Visit
from controller.telemedicine.notes.document import document
from controller.telemedicine.notes.model import HomePlan, Note, NoteVersion, Plain, SummaryVersion, Taken
from controller.telemedicine.notes.prescribed import Prescribed
from controller.telemedicine.notes.summary import Summaries
from controller.telemedicine.notes.writing import Notes
from controller.telemedicine.states import VisitState
from tests.unit.controller.telemedicine.conftest import BEN, Clinic

PLAIN = Plain("en", "Your cough", "A cold", "Rest, and drink enough", "it gets worse")
SAID = Note(
    reason="cough",
    history="for three days",
    examination="speaks in whole sentences",
    assessment="common cold",
    plan="rest",
    vitals=(
        Taken("nibp_sys", 128.0, "mm[Hg]", "nibp-1", 1_000_000),
        Taken("nibp_dia", 84.0, "mm[Hg]", "nibp-1", 1_000_000),
        Taken("spo2", 97.0, "%", "ox-1", 1_000_000),
    ),
    home=(HomePlan("blood-pressure", 2, 14),),
)


@dataclass
class Desk:
    """A visit that is held, and what is written of it."""

    clinic: Clinic
    visit: Visit
    notes: Notes = field(init=False)
    prescribed: Prescribed = field(init=False)
    summaries: Summaries = field(init=False)

    def __post_init__(self) -> None:
        books = self.clinic.books
        self.notes, self.prescribed = Notes(books), Prescribed(books)
        self.summaries = Summaries(books, self.clinic.ward.keys.check)

    def known(self, over: int) -> Known:
        return Known(self.visit.number, over, WHOLE)

    async def write(self, over: int = 0, by: By = BEN, **more: Any) -> NoteVersion:
        return await self.notes.write(self.known(over), replace(SAID, **more), by)

    async def draft(self, over: int = 0, by: By = BEN, **more: Any) -> SummaryVersion:
        return await self.summaries.draft(self.known(over), replace(PLAIN, **more), by)

    async def sign(self, draft: SummaryVersion, by: By = BEN) -> SummaryVersion:
        jws = self.clinic.ward.keys.sign(by.actor, document(draft))
        return await self.summaries.sign(self.known(draft.version), jws, by)


@pytest.fixture
async def desk(clinic: Clinic) -> Desk:
    visit = await clinic.booked()
    return Desk(clinic, await clinic.visits.step(clinic.known(visit), VisitState.IN_PROGRESS, BEN))
