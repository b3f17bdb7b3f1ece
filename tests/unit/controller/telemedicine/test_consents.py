"""controller/telemedicine/consents.py"""

import sqlite3
from dataclasses import replace

import pytest

from controller.errors import Conflict, StoreError
from controller.telemedicine.consents import Said
from controller.telemedicine.model import Consent, Visit, Word
from controller.telemedicine.states import VisitState
from controller.telemedicine.words import CONSENTS
from tests.unit.controller.telemedicine.conftest import BEN, MINUTE_MS, PATIENT, Clinic


async def say(clinic: Clinic, visit: Visit, said: Word, minutes: int = 60) -> Consent:
    until_ms = clinic.books.now_ms() + minutes * MINUTE_MS
    return await clinic.consents.say(visit, Said("video", said, "zh"), until_ms, PATIENT)


async def test_the_words_that_were_shown_are_kept_with_who_agreed(clinic: Clinic) -> None:
    visit = await clinic.booked()
    await say(clinic, visit, "permit")
    [kept] = await clinic.consents.said(visit)
    assert kept.text == CONSENTS["video"]["zh"] and kept.by == "patient:4711"
    await clinic.consents.check(visit, "video")
    [entry] = await clinic.ward.trail("visit-consent")
    assert entry["detail"] == {"scope": "video", "said": "permit"}


async def test_nobody_asked_is_no_consent_and_one_thing_is_not_another(clinic: Clinic) -> None:
    visit = await clinic.booked()
    with pytest.raises(Conflict, match="nobody was asked"):
        await clinic.consents.check(visit, "video")
    await say(clinic, visit, "permit")
    with pytest.raises(Conflict, match="consent to recording"):
        await clinic.consents.check(visit, "recording")


async def test_consent_runs_out(clinic: Clinic) -> None:
    visit = await clinic.booked()
    await say(clinic, visit, "permit", minutes=60)
    clinic.later(59.9)
    await clinic.consents.check(visit, "video")
    clinic.later(0.1)
    with pytest.raises(Conflict, match="run out"):
        await clinic.consents.check(visit, "video")


async def test_consent_is_taken_back_at_any_time_and_both_words_are_kept(clinic: Clinic) -> None:
    visit = await clinic.booked()
    await say(clinic, visit, "permit")
    await say(clinic, visit, "withdrawn")
    with pytest.raises(Conflict, match="withdrawn"):
        await clinic.consents.check(visit, "video")
    assert [one.said for one in await clinic.consents.said(visit)] == ["permit", "withdrawn"]


async def test_what_was_never_agreed_to_is_not_withdrawn(clinic: Clinic) -> None:
    visit = await clinic.booked()
    with pytest.raises(Conflict, match="no consent to video"):
        await say(clinic, visit, "withdrawn")
    await say(clinic, visit, "deny")
    with pytest.raises(Conflict, match="denied"):
        await clinic.consents.check(visit, "video")


async def test_to_a_visit_that_is_over_nobody_agrees(clinic: Clinic) -> None:
    visit = await clinic.booked()
    await clinic.visits.step(clinic.known(visit), VisitState.CANCELLED, replace(BEN, why="ill"))
    with pytest.raises(Conflict, match="cancelled"):
        await say(clinic, visit, "permit")


async def test_nothing_that_was_said_is_changed_or_deleted(clinic: Clinic) -> None:
    visit = await clinic.booked()
    await say(clinic, visit, "deny")

    def tamper(db: sqlite3.Connection) -> None:
        db.execute("UPDATE visit_consent SET said = 'permit'")

    with pytest.raises(StoreError, match="only grows"):
        await clinic.ward.store.write(tamper)
    with pytest.raises(StoreError, match="only grows"):
        await clinic.ward.store.write(lambda db: db.execute("DELETE FROM visit_consent"))


def test_each_thing_is_said_in_each_language() -> None:
    assert all(set(words) == {"en", "zh"} and all(words.values()) for words in CONSENTS.values())
