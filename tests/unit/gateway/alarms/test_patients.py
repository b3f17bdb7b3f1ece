"""Limits of one patient: within their band, kept, and gone with the patient."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.alarm_limits import CONDITIONS, PatientClass
from gateway.alarms.patients import Patients
from gateway.errors import LimitRefused

ADULT, CHILD, NEONATE = PatientClass.ADULT, PatientClass.CHILD, PatientClass.NEONATE
HR = CONDITIONS["hr-high"]


@pytest.fixture
def patients() -> Patients:
    """An adult's bed, a child's, and somebody on board of a vehicle."""
    patients = Patients(ADULT, {"bed-2": CHILD})
    patients.begin("amb-1", "a" * 16, ADULT)
    return patients


def move(patients: Patients, value: int | None, code: str = "hr-high", stay: str = "a" * 16) -> bool:
    number = None if value is None else Decimal(value)
    return patients.put(patients.moved("amb-1", stay, code, number, "kim"))


def test_without_a_word_the_class_of_the_bed_counts(patients: Patients) -> None:
    assert [patients.limit(HR, bed) for bed in (None, "bed-1", "bed-2")] == [120, 120, 160]


def test_the_class_of_who_is_there_counts_more(patients: Patients) -> None:
    patients.begin("bed-2", "b" * 16, NEONATE)
    assert patients.limit(HR, "bed-2") == 200
    patients.end("bed-2")
    assert patients.limit(HR, "bed-2") == 160


def test_a_limit_is_moved_for_one_patient_and_no_other_bed(patients: Patients) -> None:
    patients.begin("bed-1", "b" * 16, ADULT)
    assert move(patients, 150)
    assert [patients.limit(HR, bed) for bed in ("amb-1", "bed-1")] == [150, 120]
    stay = patients.at("amb-1")
    assert stay is not None
    assert stay.limits["hr-high"].by == "kim"


def test_a_limit_is_moved_back_to_that_of_the_class(patients: Patients) -> None:
    move(patients, 150)
    move(patients, None)
    assert patients.limit(HR, "amb-1") == 120


def test_a_limit_ends_with_the_stay(patients: Patients) -> None:
    move(patients, 150)
    patients.end("amb-1")
    assert patients.limit(HR, "amb-1") == 120
    patients.begin("amb-1", "b" * 16, ADULT)
    assert patients.limit(HR, "amb-1") == 120


def test_the_next_patient_inherits_nothing_though_nobody_said_that_the_last_one_left(
    patients: Patients,
) -> None:
    move(patients, 150)
    before, now = patients.begin("amb-1", "b" * 16, ADULT)
    assert before is not None
    assert before.id == "a" * 16
    assert dict(now.limits) == {}
    assert patients.limit(HR, "amb-1") == 120


def test_who_is_said_again_keeps_the_limits_and_of_another_class_those_that_it_allows(
    patients: Patients,
) -> None:
    move(patients, 100)
    move(patients, 140, "nibp-sys-high")
    patients.begin("amb-1", "a" * 16, ADULT)
    assert patients.limit(HR, "amb-1") == 100
    patients.begin("amb-1", "a" * 16, CHILD)
    assert patients.limit(HR, "amb-1") == 160
    assert patients.limit(CONDITIONS["nibp-sys-high"], "amb-1") == 140


def test_a_limit_for_a_patient_who_left_is_refused_and_changes_nothing(patients: Patients) -> None:
    moved = patients.moved("amb-1", "a" * 16, "hr-high", Decimal(150), "kim")
    patients.begin("amb-1", "b" * 16, ADULT)
    with pytest.raises(LimitRefused):
        move(patients, 150)
    assert not patients.put(moved)
    assert patients.limit(HR, "amb-1") == 120
    patients.end("amb-1")
    for stay in ("a" * 16, "b" * 16):
        with pytest.raises(LimitRefused):
            move(patients, 150, stay=stay)


def test_a_limit_out_of_its_band_is_refused_and_one_at_its_ends_is_not(patients: Patients) -> None:
    least, most = HR.bands[ADULT]
    for value in (least, most):
        assert move(patients, int(value))
    for value in (least - 1, most + 1):
        with pytest.raises(LimitRefused, match="expected 90 to 180"):
            move(patients, int(value))


@pytest.mark.parametrize("code", ["asystole", "apnoea", "device-lost", "hr"])
def test_what_must_not_be_moved_is_not(patients: Patients, code: str) -> None:
    for value in (4, None):
        with pytest.raises(LimitRefused):
            move(patients, value, code)


def test_no_band_lets_an_alarm_be_switched_off_or_a_limit_be_beyond_what_a_monitor_can_say() -> None:
    for one in CONDITIONS.values():
        for patient, (least, most) in one.bands.items():
            assert 0 < least <= one.limits[patient] <= most, (one.code, patient)
            assert set(one.bands) == set(PatientClass)
            assert any(one.holds(Decimal(value), least if one.is_below else most) for value in (1, 270)), (
                one.code
            )


def test_what_was_kept_is_in_force_after_a_restart_and_what_the_table_forbids_now_is_not(
    patients: Patients,
) -> None:
    move(patients, 150)
    kept = patients.kept()
    later = Patients(ADULT, {})
    later.restore(kept)
    assert later.kept() == kept
    kept[0]["limits"]["hr-high"][0] = "999"
    kept[0]["limits"]["asystole"] = ["60", "kim"]
    later = Patients(ADULT, {})
    later.restore(kept)
    assert later.limit(HR, "amb-1") == 120
    assert later.limit(CONDITIONS["asystole"], "amb-1") == 4


STEP = st.one_of(
    st.tuples(st.just("begin"), st.integers(0, 3), st.sampled_from(list(PatientClass))),
    st.tuples(st.just("end"), st.none(), st.none()),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(80, 250)),
)


@given(st.lists(STEP, max_size=40))
def test_a_limit_of_one_stay_never_judges_another(steps: list[tuple[str, int | None, object]]) -> None:
    patients, who, own = Patients(ADULT, {}), list[tuple[int, PatientClass]](), dict[int, int]()
    for what, stay, about in steps:
        if what == "begin" and stay is not None and isinstance(about, PatientClass):
            if not who or who[0][0] != stay:
                own = {}
            patients.begin("amb-1", str(stay), about)
            who = [(stay, about)]
        elif what == "end":
            patients.end("amb-1")
            who, own = [], {}
        elif isinstance(about, int) and stay is not None:
            try:
                patients.put(patients.moved("amb-1", str(stay), "hr-high", Decimal(about), "kim"))
            except LimitRefused:
                continue
            assert who[0][0] == stay
            own = {stay: about}
        patient = who[0][1] if who else ADULT
        limit = patients.limit(HR, "amb-1")
        assert limit in {HR.limits[patient], *(own.values() if who else ())}
