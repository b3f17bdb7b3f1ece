"""A patient comes in by a code for one use and their birth date, and nobody else does."""

import asyncio

import pytest

from controller.errors import Conflict, NotFound
from controller.imaging.sight import WHOLE, Sight
from controller.patient_access.codes import ALPHABET, digest, new_code
from controller.patient_access.invitations import GOOD_MS, MOST_TRIES
from controller.patient_access.sessions import LASTS_MS
from controller.patients.model import Meant, Person
from controller.security.permissions import Permission
from tests.support.prescriptions import NINA
from tests.unit.controller.patient_access.conftest import BORN, Home

WHERE = "10.0.0.9"


def test_a_code_is_read_however_it_is_typed() -> None:
    code = new_code()
    assert set(code.replace("-", "")) <= set(ALPHABET)
    assert digest(code) == digest(code.lower().replace("-", " ")) == digest(code.replace("0", "O"))
    assert digest(code) != digest(new_code())


async def test_a_code_and_the_birth_date_open_one_patients_own_once(home: Home) -> None:
    code = await home.invited()
    assert code.encode() not in b"".join(one.read_bytes() for one in home.pharmacy.store.folder.iterdir())
    began = await home.invitations.enter(code, BORN, WHERE)
    assert began is not None
    access = await home.sessions.find(began.token)
    assert access is not None
    assert (access.identifier, access.user.name) == ("4711", "patient:4711")
    assert access.permissions == {Permission.MY_OWN}
    assert access.sight == Sight(frozenset({"4711"}))
    assert not access.view.shows("w-1", "4711")
    assert await home.invitations.enter(code, BORN, WHERE) is None
    [entry] = await home.pharmacy.trail("patient-entered")
    assert (entry["actor"], entry["patient"], entry["outcome"]) == ("patient:4711", "4711", "done")


async def test_of_two_who_use_a_code_at_once_one_gets_in(home: Home) -> None:
    code = await home.invited()
    both = await asyncio.gather(*(home.invitations.enter(code, BORN, WHERE) for _ in range(2)))
    assert [one is None for one in both].count(True) == 1


async def test_after_five_wrong_birth_dates_the_code_opens_nothing(home: Home) -> None:
    code = await home.invited()
    for day in range(MOST_TRIES):
        assert await home.invitations.enter(code, f"1950-03-1{day}", WHERE) is None
    assert await home.invitations.enter(code, BORN, WHERE) is None
    invitation = await home.invitations.open("4711")
    assert invitation is not None
    assert invitation.is_spent
    assert {one["outcome"] for one in await home.pharmacy.trail("patient-entered")} == {"refused"}


async def test_a_code_is_good_for_seven_days_and_another_replaces_it(home: Home) -> None:
    first, second = await home.invited(), await home.invited()
    assert await home.invitations.enter(first, BORN, WHERE) is None
    home.pharmacy.later(GOOD_MS / 3_600_000)
    assert await home.invitations.open("4711") is None
    assert await home.invitations.enter(second, BORN, WHERE) is None


async def test_a_withdrawn_invitation_opens_nothing(home: Home) -> None:
    code, meant = await home.invited(), Meant("4711", WHOLE)
    await home.invitations.withdraw(meant, NINA)
    assert await home.invitations.enter(code, BORN, WHERE) is None
    with pytest.raises(NotFound, match="no invitation"):
        await home.invitations.withdraw(meant, NINA)


async def test_nobody_is_invited_without_a_birth_date_or_without_being_seen(home: Home) -> None:
    await home.patients.set_person(Meant("4711", WHOLE), Person("1950-03", "female"), NINA)
    with pytest.raises(Conflict, match="birth date"):
        await home.invited()
    with pytest.raises(NotFound):
        await home.invitations.invite(Meant("4711", Sight(frozenset())), NINA)


async def test_a_session_lasts_thirty_days_and_staff_and_the_patient_end_it(home: Home) -> None:
    began, other = await home.entered(), await home.entered()
    held = await home.sessions.of("4711")
    assert [one.invited_by for one in held] == ["nina", "nina"]
    access = await home.sessions.find(began.token)
    assert access is not None
    await home.sessions.end(access, began.token, WHERE)
    assert await home.sessions.find(began.token) is None
    [one] = await home.sessions.of("4711")
    with pytest.raises(NotFound):
        await home.sessions.end_one("4712", one.id, NINA)
    await home.sessions.end_one("4711", one.id, NINA)
    assert await home.sessions.find(other.token) is None
    last = await home.entered()
    home.pharmacy.later(LASTS_MS / 3_600_000)
    assert await home.sessions.find(last.token) is None
    assert len(await home.pharmacy.trail("patient-access-ended")) == 2


async def test_when_a_patients_identity_is_corrected_the_access_ends(home: Home) -> None:
    began, code = await home.entered(), await home.invited()
    await home.pharmacy.store.write(lambda db: db.execute("UPDATE patient SET identifier = '5555'"))
    assert await home.sessions.find(began.token) is None
    assert await home.invitations.enter(code, BORN, WHERE) is None
