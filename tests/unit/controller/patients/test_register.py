"""The register of patients: what is said of each is kept, and silence is never an answer."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import Conflict, NotFound, OrderError, Outdated
from controller.identity.certificates import By
from controller.imaging.sight import Sight
from controller.patients.dates import checked
from controller.patients.measures import MEASURES, kept, shown
from controller.patients.model import KINDS, Asked, Kind, Meant, Measured, Person, Said, Substance
from controller.patients.register import Patients
from controller.registry import Patient
from controller.stays import Moment, admit, begin, identify, present, unknown
from tests.unit.controller.conftest import START_US, Desk

ANNA, BEN = By("anna", "10.0.0.9"), By("ben")
NOW_MS = START_US // 1000
PENICILLIN = Substance("Penicillin", "91936005", "http://snomed.info/sct", "high", "rash")
IN = Meant("4711")


@pytest.fixture
async def patients(desk: Desk) -> AsyncIterator[Patients]:
    """4711, Muster, lies on bed-1."""
    await desk.registry.admit("bed-1", Patient("4711", "Muster, Anna"), "nurse")
    yield Patients(desk.store, desk.clock)


async def test_of_a_patient_on_a_bed_nothing_is_known_and_so_it_says(patients: Patients) -> None:
    facts = await patients.find("4711")
    assert (facts.name, facts.birth_date, facts.sex, facts.weight, facts.revision) == (
        *("Muster, Anna", None, None),
        *(None, 0),
    )
    assert not facts.allergies
    assert facts.no_known_allergies is None
    assert not facts.allergies_known


async def test_nobody_has_facts_whom_nobody_knows(patients: Patients) -> None:
    with pytest.raises(NotFound):
        await patients.find("4712")
    with pytest.raises(NotFound):
        await patients.measure(Meant("4712"), "weight", 70, ANNA)


async def test_whoever_does_not_see_the_patient_changes_nothing(patients: Patients) -> None:
    unseen = Meant("4711", Sight(frozenset({"1"})))
    with pytest.raises(NotFound):
        await patients.add_allergy(unseen, PENICILLIN, ANNA)
    with pytest.raises(NotFound):
        await patients.find("4711", unseen.sight)
    assert (await patients.find("4711")).revision == 0


async def test_of_two_who_say_birth_date_and_sex_neither_undoes_the_other_unseen(patients: Patients) -> None:
    first = await patients.set_person(Meant("4711", over=0), Person("1950-03", "female"), ANNA)
    assert (first.birth_date, first.sex, first.revision) == ("1950-03", "female", 1)
    with pytest.raises(Outdated):
        await patients.set_person(Meant("4711", over=0), Person("1951", "male"), BEN)
    assert await patients.find("4711") == first


async def test_no_known_allergies_holds_until_somebody_says_otherwise(patients: Patients) -> None:
    facts = await patients.say_no_known_allergies(IN, ANNA)
    assert facts.no_known_allergies == Said("anna", NOW_MS)
    assert facts.allergies_known
    facts = await patients.add_allergy(IN, PENICILLIN, BEN)
    assert facts.no_known_allergies is None
    [allergy] = facts.active_allergies
    assert (allergy.display, allergy.criticality, allergy.by) == ("Penicillin", "high", "ben")
    with pytest.raises(Conflict, match="Penicillin"):
        await patients.say_no_known_allergies(IN, ANNA)
    wrong = Substance("Penicillin", status="entered-in-error")
    facts = await patients.change_allergy(IN, allergy.id, wrong, ANNA)
    assert [one.status for one in facts.allergies] == ["entered-in-error"]
    assert not facts.allergies_known, "nobody has said that there are none since"
    assert (await patients.say_no_known_allergies(IN, ANNA)).allergies_known


async def test_what_was_said_of_an_allergy_is_kept_for_ever(patients: Patients, desk: Desk) -> None:
    [allergy] = (await patients.add_allergy(IN, PENICILLIN, ANNA)).allergies
    await patients.change_allergy(IN, allergy.id, Substance("Amoxicillin", status="resolved"), BEN)
    kept = "SELECT display, status, by FROM patient_allergy ORDER BY id"
    assert await desk.rows(kept) == [("Penicillin", "active", "anna"), ("Amoxicillin", "resolved", "ben")]
    for wrong in ("DELETE FROM patient_allergy", "UPDATE patient_allergy SET status = 'resolved'"):
        with pytest.raises(Exception, match="only grows"):
            await desk.store.write(lambda db, wrong=wrong: db.execute(wrong))
    with pytest.raises(NotFound):
        await patients.change_allergy(IN, 99, PENICILLIN, ANNA)


async def test_the_same_allergy_is_not_entered_twice(patients: Patients) -> None:
    await patients.add_allergy(IN, PENICILLIN, ANNA)
    for same in (Substance("  penicillin "), Substance("Benzylpenicillin", "91936005", PENICILLIN.system)):
        with pytest.raises(Conflict):
            await patients.add_allergy(IN, same, ANNA)
    with pytest.raises(OrderError):
        await patients.add_allergy(IN, Substance("Latex", code="1"), ANNA)
    with pytest.raises(OrderError):
        await patients.add_allergy(IN, Substance(" "), ANNA)


async def test_the_newest_of_each_kind_counts_whenever_it_was_entered(patients: Patients) -> None:
    await patients.measure(IN, "weight", 71.5, ANNA)
    await patients.measure(IN, "height", 172, ANNA)
    facts = await patients.measure(IN, "weight", 80, BEN, at_ms=NOW_MS - 86_400_000)
    assert facts.weight == Measured(71.5, "kg", NOW_MS, "anna")
    assert facts.height == Measured(172, "cm", NOW_MS, "anna")
    facts = await patients.measure(IN, "weight", 72, BEN)
    assert facts.weight == Measured(72, "kg", NOW_MS, "ben")
    with pytest.raises(OrderError):
        await patients.measure(IN, "weight", 70, ANNA, at_ms=NOW_MS + 3_600_000)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("weight", 0.1), ("weight", 7150), ("weight", float("nan")), ("height", 1.72), ("creatinine", 0.9)],
)
async def test_what_no_living_person_has_is_refused(patients: Patients, kind: Kind, value: float) -> None:
    with pytest.raises(OrderError, match="look at the unit"):
        await patients.measure(IN, kind, value, ANNA)


@given(st.sampled_from(KINDS), st.data())
def test_a_value_is_shown_as_it_was_entered(kind: Kind, data: st.DataObject) -> None:
    of = MEASURES[kind]
    value = round(data.draw(st.floats(of.least, of.most)), 1)
    if of.least <= value <= of.most:
        assert shown(kind, kept(kind, value)) == value


@pytest.mark.parametrize("text", ["1950", "1950-03", "1950-03-02", "2026-11-26", "2024-02-29"])
def test_a_birth_date_may_be_partial(text: str) -> None:
    assert checked(text, "2026-11-26") == text


@pytest.mark.parametrize(
    "text", ["", "50", "1950-3", "1950-13", "2023-02-29", "2026-11-27", "2027", "1203", "1950-03-02T10:00"]
)
def test_no_other_text_is_a_birth_date(text: str) -> None:
    with pytest.raises(OrderError):
        checked(text, "2026-11-26")


@given(st.text(max_size=12))
def test_any_text_is_a_birth_date_or_refused(text: str) -> None:
    try:
        assert checked(text, "2026-11-26") == text
    except OrderError:
        return


async def test_an_out_patient_is_registered_for_a_ward_and_listed_to_those_who_see(
    patients: Patients,
) -> None:
    eva = await patients.register(Meant("4712"), Person("1980-01-02", "female", "Muster, Eva"), "w-1", ANNA)
    assert (eva.name, eva.ward, eva.birth_date) == ("Muster, Eva", "w-1", "1980-01-02")
    assert await patients.of_wards(["w-1"]) == {"4712"}
    assert await patients.of_wards(["w-2"]) == frozenset()
    whole = Sight(None)
    assert [one.identifier for one in await patients.listed(whole)] == ["4711", "4712"]
    assert [one.identifier for one in await patients.listed(whole, Asked("eva"))] == ["4712"]
    assert [one.identifier for one in await patients.listed(whole, Asked(after="4711"))] == ["4712"]
    assert [one.identifier for one in await patients.listed(whole, Asked(ward="w-1"))] == ["4712"]
    assert await patients.listed(Sight(frozenset({"1"}))) == []
    assert (await patients.look_after(Meant("4712"), None, ANNA)).ward is None


async def test_a_patient_is_registered_under_one_name_by_one_ward(patients: Patients) -> None:
    hidden = Meant("4711", Sight(frozenset()))
    with pytest.raises(Conflict, match="lies on no bed"):
        await patients.register(hidden, Person(None, None, "Muster, Anna"), "w-1", ANNA)
    with pytest.raises(Conflict, match="compare"):
        await patients.register(IN, Person(None, None, "Meier, Anna"), "w-1", ANNA)
    assert (await patients.register(IN, Person(None, None, "muster  Anna"), "w-1", ANNA)).ward == "w-1"
    with pytest.raises(Conflict, match="hands over"):
        await patients.register(IN, Person(None, None, "Muster, Anna"), "w-1", ANNA)
    with pytest.raises(OrderError):
        await patients.register(Meant(unknown("1")), Person(None, None, "x"), "w-1", ANNA)


async def test_an_out_patients_name_is_corrected_and_a_stays_on_the_bed(patients: Patients) -> None:
    await patients.register(Meant("4712"), Person(None, None, "Muster, Eva"), "w-1", ANNA)
    assert (await patients.set_person(Meant("4712"), Person(None, None, "Muster, Ewa"), ANNA)).name == (
        "Muster, Ewa"
    )
    with pytest.raises(Conflict):
        await patients.set_person(IN, Person(None, None, "Muster, Anne"), ANNA)


async def test_each_change_stands_in_the_trail(patients: Patients, desk: Desk) -> None:
    await patients.set_person(IN, Person("1950", "female"), ANNA)
    await patients.add_allergy(IN, PENICILLIN, ANNA)
    await patients.measure(IN, "creatinine", 88, BEN)
    asked = "SELECT action, actor, patient FROM audit WHERE action LIKE 'patient-%' ORDER BY number"
    assert await desk.rows(asked) == [
        ("patient-person", "anna", "4711"),
        ("patient-allergy-added", "anna", "4711"),
        ("patient-measured", "ben", "4711"),
    ]


async def lie(desk: Desk, bed: str, identifier: str, name: str = "unknown") -> None:
    patient, when = Patient(identifier, name), Moment(desk.clock.now_us() // 1000, desk.clock.utc_us())
    await desk.store.write(lambda db: admit(db, bed, patient, ANNA, when))


async def name(desk: Desk, bed: str, identifier: str) -> None:
    def work(db: object) -> None:
        stay = present(db, bed)  # type: ignore[arg-type]
        assert stay is not None
        identify(db, stay, Patient(identifier, "Meier, Karl"))  # type: ignore[arg-type]

    await desk.store.write(work)


async def test_what_was_said_of_an_unknown_patient_is_of_whoever_that_is(
    patients: Patients, desk: Desk
) -> None:
    somebody = Meant(unknown("7"))
    await lie(desk, "bed-2", somebody.identifier)
    await patients.add_allergy(somebody, PENICILLIN, ANNA)
    await patients.set_person(somebody, Person("1950", "male"), ANNA)
    await patients.measure(somebody, "weight", 80, ANNA)
    await name(desk, "bed-2", "4713")
    facts = await patients.find("4713")
    assert (facts.name, facts.birth_date, facts.sex) == ("Meier, Karl", "1950", "male")
    assert [one.display for one in facts.active_allergies] == ["Penicillin"]
    assert facts.weight is not None
    with pytest.raises(NotFound):
        await patients.find(somebody.identifier)


async def test_facts_of_an_unknown_patient_join_those_that_there_are_and_none_is_lost(
    patients: Patients, desk: Desk
) -> None:
    known, somebody = Meant("4713"), Meant(unknown("7"))
    await patients.register(known, Person("1950-03-02", None, "Meier, Karl"), "w-1", ANNA)
    await patients.add_allergy(known, Substance("Latex"), ANNA)
    await patients.measure(known, "weight", 90, ANNA, at_ms=NOW_MS - 1000)
    await lie(desk, "bed-2", somebody.identifier)
    await patients.say_no_known_allergies(somebody, BEN)
    await patients.add_allergy(somebody, PENICILLIN, BEN)
    await patients.set_person(somebody, Person("1960", "male"), BEN)
    await patients.measure(somebody, "weight", 80, BEN)
    before = (await patients.find("4713")).revision
    await name(desk, "bed-2", "4713")
    facts = await patients.find("4713")
    assert (facts.birth_date, facts.sex, facts.ward) == ("1950-03-02", "male", "w-1")
    assert {one.display for one in facts.active_allergies} == {"Latex", "Penicillin"}
    assert facts.no_known_allergies is None
    assert facts.weight == Measured(80, "kg", NOW_MS, "ben")
    assert facts.revision > before
    assert ("1960",) in await desk.rows("SELECT birth_date FROM patient_person")


async def test_who_was_taken_for_another_takes_along_what_was_said_in_that_stay_alone(
    patients: Patients, desk: Desk
) -> None:
    await patients.add_allergy(IN, Substance("Latex"), ANNA)
    await desk.registry.discharge("bed-1", "nurse")
    desk.clock.at_us += 1_000_000
    await lie(desk, "bed-2", "4711", "Muster, Anna")
    await patients.add_allergy(IN, PENICILLIN, BEN)
    await patients.measure(IN, "weight", 80, BEN)
    await name(desk, "bed-2", "4713")
    right, mistaken = await patients.find("4713"), await patients.find("4711")
    assert [one.display for one in right.active_allergies] == ["Penicillin"]
    assert right.weight is not None
    assert [one.display for one in mistaken.active_allergies] == ["Latex"]
    assert mistaken.weight is None


async def test_a_stay_of_nobody_with_facts_is_named_as_ever(desk: Desk, tmp_path: Path) -> None:
    await desk.store.write(lambda db: begin(db, "bed-1", Patient(unknown("1"), "x"), NOW_MS, "crew"))
    await name(desk, "bed-1", "4713")
    assert await desk.rows("SELECT identifier FROM stay") == [("4713",)]
    assert await desk.rows("SELECT count(*) FROM patient") == [(0,)]
