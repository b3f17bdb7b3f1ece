"""Conferences on a real database: physicians anna, ben and cara, a nurse, two patients, keys that sign."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from controller.conferences.conclusions import Over, Stance, Written
from controller.conferences.model import Answer, Asked, Conference, Known, Member, Part, Person, Plan, Request
from controller.conferences.service import ConferenceService
from controller.conferences.sharing import Said, Shared, SharingConsent
from controller.conferences.states import AnswerState, ConferenceState
from controller.identity.certificates import By
from controller.security.permissions import Role
from controller.signing.model import Signed
from controller.telemedicine.model import Word
from tests.support.prescriptions import Pharmacy, pharmacy

ANNA, BEN, CARA = By("anna", "10.0.0.1"), By("ben", "10.0.0.2"), By("cara", "10.0.0.3")
NINA = By("nina", "10.0.0.5")
MINUTE_MS, DAY_MS = 60_000, 86_400_000
LUNG, HEART = Asked("4711", "Muster, Anna", "operate?", 10, "ben"), Asked("0100", "Zhou, Li", "valve?", 15)


def member(name: str, part: Part = "expert", site: str = "", *, required: bool = False) -> Member:
    return Member(Person(site, name), name, part, required)


@dataclass
class Council:
    """The conferences of a hospital."""

    ward: Pharmacy
    service: ConferenceService

    def plan(self, in_minutes: float = 60, **more: Any) -> Plan:
        start_ms = self.service.books.utc_ms() + int(in_minutes * MINUTE_MS)
        return Plan(**{"title": "lung board", "start_ms": start_ms, "minutes": 45, **more})

    async def requested(self, *more: Member, by: By = BEN, **plan: Any) -> Conference:
        """Ben asks anna to lead it and cara to come; two cases."""
        members = member("anna", "chair"), member("cara", required=True), *more
        return await self.service.conferences.request(Request(self.plan(**plan), members, (LUNG, HEART)), by)

    async def say(self, conference: Conference, by: By, state: AnswerState, **more: Any) -> Conference:
        return await self.service.conferences.answer(conference.number, Answer(state, **more), by)

    async def agreed(self, *more: Member, **plan: Any) -> Conference:
        made = await self.requested(*more, **plan)
        for by in (ANNA, CARA):
            made = await self.say(made, by, AnswerState.ACCEPTED)
        return made

    async def step(
        self, conference: Conference, to: ConferenceState, by: By = ANNA, why: str = ""
    ) -> Conference:
        return await self.service.conferences.step(known(conference), to, replace(by, why=why))

    async def begun(self, *more: Member) -> Conference:
        made = await self.step(await self.agreed(*more), ConferenceState.IN_PROGRESS)
        return await self.service.agenda.show(made.number, made.cases[0].id, ANNA)

    async def attended(self, *also: str) -> Conference:
        """It has begun; cara sat at anna's screen, and so did `also`."""
        made = await self.begun(*(member(name) for name in also))
        for name in ("cara", *also):
            made = await self.service.conclusions.took_part(made.number, name, ANNA)
        return made

    async def find(self, conference: Conference, by: By = ANNA) -> Conference:
        return await self.service.books.find(conference.number, Person("", by.actor))

    async def consent(self, conference: Conference, said: Word = "permit", *sites: str) -> SharingConsent:
        shared = Shared("4711", conference.entity)
        return await self.service.sharing.say(shared, Said(said, "en", sites), NINA)

    async def concluded(self, conference: Conference, version: int = 0) -> Over:
        over = Over(conference.number, conference.cases[0].id, version)
        await self.service.conclusions.write(over, Written("operate", "next week"), ANNA)
        return replace(over, version=version + 1)

    async def sign(self, over: Over, by: By, stance: Stance = Stance("agrees")) -> Conference:  # noqa: B008
        content = await self.service.conclusions.to_sign(over, stance, by)
        return await self.service.conclusions.sign(over, stance, self.ward.keys.sign(by.actor, content), by)

    async def kinds(self, person: str) -> list[str]:
        return [one.kind for one in await self.service.notices.open(person)]

    def later(self, minutes: float) -> None:
        self.ward.later(minutes / 60)


def known(conference: Conference) -> Known:
    return Known(conference.number, conference.revision)


@pytest.fixture
async def council(tmp_path: Path) -> AsyncIterator[Council]:
    async with pharmacy(tmp_path) as ward:
        for name in ("anna", "ben", "cara", "dora"):
            await ward.enrol(name, Role.PHYSICIAN)
        await ward.enrol("nina", Role.NURSE)

        def check(db: sqlite3.Connection, person: str, document: Mapping[str, Any], jws: str) -> Signed:
            proof = ward.keys.check(db, person, dict(document), jws)
            return Signed(document, proof.signature, proof.receipt)

        yield Council(ward, ConferenceService(ward.store, ward.clock, check, ward.rx.books))
