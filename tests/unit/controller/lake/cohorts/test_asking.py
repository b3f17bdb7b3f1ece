"""A cohort's question: as a plain loop over the rows; no gap is bridged; what is not known stays so."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from controller.errors import LakeError
from controller.lake.cohorts.asking import asked, members_of
from controller.lake.cohorts.definition import (
    CohortAll,
    CohortAny,
    CohortCondition,
    CohortDefinition,
    CohortNot,
    CohortTree,
)
from controller.lake.cohorts.found import Found, Month
from controller.lake.tables import DAY_US
from devices.model.observation import Quality
from tests.support.cohorts import BASE_US, HOUR_US, MINUTE_US, SECOND_US, Made, Sample, Stay, lake_of

LOW = {"code": "spo2", "op": "<", "value": 90, "unit": "%", "lasting_min": 5, "to_h": 24}
FLAWED = int(Quality.ARTIFACT)


class Still:
    """Time that stands."""

    def now_us(self) -> int:
        return BASE_US

    def utc_us(self) -> int:
        return BASE_US


def defined(condition: Any = None, **more: Any) -> CohortDefinition:
    return CohortDefinition.model_validate({"condition": condition or LOW, **more})


def lying(patient: str = "P1", bed: str = "bed-1", hours: float = 48, **more: Any) -> Stay:
    return Stay(patient, bed, BASE_US, BASE_US + int(hours * HOUR_US), **more)


def minutes(values: list[float | None], first: int = 60, apart_s: int = 60, **more: Any) -> list[Sample]:
    """A reading every `apart_s` from `first` minutes after midnight on."""
    start = BASE_US + first * MINUTE_US
    return [
        Sample(more.get("bed", "bed-1"), start + n * apart_s * SECOND_US, value, **_but_bed(more))
        for n, value in enumerate(values)
    ]


def _but_bed(more: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in more.items() if name != "bed"}


def told(folder: Path, made: Made, definition: CohortDefinition) -> Found:
    return asked(lake_of(folder, made), definition, Still())


def matching(folder: Path, samples: list[Sample], **condition: Any) -> int | None:
    return told(folder, Made([lying()], samples), defined({**LOW, **condition})).total.matching


def test_five_minutes_without_a_break_are_found(tmp_path: Path) -> None:
    assert matching(tmp_path, minutes([95, *[88] * 6, 95])) == 1


def test_five_readings_a_minute_apart_are_four_minutes(tmp_path: Path) -> None:
    assert matching(tmp_path, minutes([95, *[88] * 5, 95])) == 0


def test_a_gap_ends_a_run_and_is_never_bridged(tmp_path: Path) -> None:
    samples = [*minutes([88] * 4), *minutes([88] * 4, first=65)]
    assert matching(tmp_path / "a", samples) == 0
    assert matching(tmp_path / "b", samples, max_gap_s=120) == 1


def test_a_reading_that_does_not_compare_ends_a_run(tmp_path: Path) -> None:
    assert matching(tmp_path, minutes([88, 88, 88, 90, 88, 88, 88])) == 0


def test_two_devices_are_not_one_run(tmp_path: Path) -> None:
    both = [*minutes([88] * 4), *minutes([88] * 4, first=64, device="ox-2")]
    assert matching(tmp_path, both) == 0


def test_a_reading_without_a_value_neither_counts_nor_bridges(tmp_path: Path) -> None:
    off = minutes([None], first=64, reason="sensor-off")
    samples = [*minutes([88] * 4), *off, *minutes([88] * 4, first=65)]
    found = told(tmp_path, Made([lying()], samples), defined())
    assert (found.total.matching, found.bases[0].no_value, found.bases[0].used) == (0, 1, 8)


def test_what_is_left_out_is_counted_by_why(tmp_path: Path) -> None:
    samples = [
        *minutes([88] * 6),
        *minutes([50], first=70, quality=FLAWED),
        *minutes([900], first=71),
        *minutes([None], first=72, reason="rejected"),
        *minutes([50], first=73),
    ]
    found = told(tmp_path, Made([lying()], samples, disowned=[9]), defined())
    basis = found.bases[0]
    assert (basis.used, basis.disowned, basis.no_value, basis.flawed, basis.out_of_range) == (6, 1, 0, 1, 2)


def test_without_data_it_is_unknown_and_not_no(tmp_path: Path) -> None:
    stays = [lying("P1"), lying("P2", "bed-2")]
    found = told(tmp_path, Made(stays, minutes([95] * 9, bed="bed-2")), defined())
    assert found.total == Month("", 2, 0, 1)
    assert (found.bases[0].no_data, found.bases[0].thin) == (1, 1)


def test_a_window_that_the_lake_has_not_to_its_end_is_unknown_until_it_matches(tmp_path: Path) -> None:
    stays = [Stay("P1", "bed-1", BASE_US, None), Stay("P2", "bed-2", BASE_US, None)]
    samples = [*minutes([95] * 9), *minutes([88] * 9, bed="bed-2")]
    found = told(tmp_path, Made(stays, samples, until=BASE_US + 5 * HOUR_US), defined())
    assert found.total == Month("", 2, 1, 1)
    assert found.bases[0].not_over == 1


def test_an_admission_goes_on_in_another_bed(tmp_path: Path) -> None:
    moved = BASE_US + 63 * MINUTE_US
    stays = [Stay("P1", "bed-1", BASE_US, moved), Stay("P1", "bed-2", moved, moved + HOUR_US)]
    samples = [*minutes([88] * 3), *minutes([88] * 3, first=63, bed="bed-2")]
    found = told(tmp_path, Made(stays, samples), defined())
    assert found.total == Month("", 1, 1, 0)


def test_who_is_not_known_to_be_old_enough_is_unknown(tmp_path: Path) -> None:
    dates = ("1950-01-01", "1990", "1960", None)
    stays = [lying(f"P{n}", f"bed-{n}", birth_date=date) for n, date in enumerate(dates)]
    samples = [one for n in range(4) for one in minutes([88] * 6, bed=f"bed-{n}")]
    found = told(tmp_path, Made(stays, samples), defined(who={"age_min": 66}))
    assert (found.total, found.not_known_who) == (Month("", 3, 1, 2), 2)


def test_what_is_measured_at_home_is_not_asked(tmp_path: Path) -> None:
    found = told(tmp_path, Made([lying(home=True)], minutes([88] * 6)), defined())
    assert found.total.admitted == 0


def test_files_of_other_days_are_not_opened(tmp_path: Path) -> None:
    stays = [Stay("P1", "bed-1", BASE_US, BASE_US + 40 * DAY_US)]
    samples = [Sample("bed-1", BASE_US + day * DAY_US, 88) for day in range(40)]
    read = told(tmp_path, Made(stays, samples), defined()).read
    assert (read.files, read.files_there, read.rows, read.rows_there) == (1, 40, 1, 40)
    assert read.bytes > 0 and read.plan


def test_the_course_around_the_event_has_quartiles_of_admissions(tmp_path: Path) -> None:
    stays = [lying(f"P{n}", f"bed-{n}") for n in range(3)]
    values = [*[96.0] * 30, *[88.0] * 6, *[94.0] * 30]
    samples = [one for n in range(3) for one in minutes([v - n for v in values], bed=f"bed-{n}")]
    steps = {one.minute: one for one in told(tmp_path, Made(stays, samples), defined()).steps}
    assert (steps[-5].low, steps[-5].median, steps[-5].high) == (94.5, 95.0, 95.5)
    assert steps[0].median == 87.0
    assert steps[20].admissions == 3
    assert -40 not in steps


def test_a_lake_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LakeError, match="there is no lake yet"):
        asked(tmp_path, defined(), Still())


# What follows asks the same of the rows one after the other.

Truth = bool | None


@dataclass
class Admission:
    patient: str
    began: int
    ended: int
    is_open: bool
    ward: str | None
    sex: str | None
    birth_date: str | None


def admissions(made: Made, transfer_us: int) -> list[Admission]:
    found: list[Admission] = []
    for stay in sorted(made.stays, key=lambda one: (one.patient, one.began)):
        ended = made.until if stay.ended is None else stay.ended
        if stay.home or stay.began >= ended:
            continue
        last = found[-1] if found and found[-1].patient == stay.patient else None
        if last and stay.began - last.ended <= transfer_us:
            last.ended = max(last.ended, ended)
            last.is_open = last.is_open or stay.ended is None
        else:
            who = stay.ward, stay.sex, stay.birth_date
            found.append(Admission(stay.patient, stay.began, ended, stay.ended is None, *who))
    return found


def holds(one: CohortCondition, admission: Admission, made: Made) -> Truth:
    if one.anchor == "discharge" and admission.is_open:
        return None
    anchor = admission.began if one.anchor == "admission" else admission.ended
    first = anchor + int(one.from_h * HOUR_US)
    last = admission.ended if one.to_h is None else min(admission.ended, anchor + int(one.to_h * HOUR_US))
    by_device: dict[str, list[tuple[int, float]]] = {}
    for sample in counting(made, admission.patient, "spo2"):
        if first <= sample.at < last:
            assert sample.value is not None
            by_device.setdefault(sample.device, []).append((sample.at, sample.value))
    if any(lasts(sorted(rows), one) for rows in by_device.values()):
        return True
    is_over = not admission.is_open or (one.to_h is not None and anchor + one.to_h * HOUR_US <= made.until)
    return False if by_device and is_over else None


def counting(made: Made, patient: str, metric: str) -> Iterator[Sample]:
    for number, sample in enumerate(made.samples):
        if sample.metric != metric or number in made.disowned or sample.value is None:
            continue
        if sample.quality & FLAWED or not 0 <= sample.value <= 100:
            continue
        for stay in made.stays:
            ended = made.until if stay.ended is None else stay.ended
            is_there = stay.bed == sample.bed and stay.began <= sample.at < ended
            if is_there and stay.patient == patient and not stay.home:
                yield sample


def lasts(rows: list[tuple[int, float]], one: CohortCondition) -> bool:
    began: int | None = None
    before = 0
    for at, value in rows:
        compares = value < one.value if one.op == "<" else value >= one.value
        if not compares:
            began = None
        elif began is None or at - before > one.max_gap_s * SECOND_US:
            began = at
        if began is not None and at - began >= one.lasting_min * MINUTE_US:
            return True
        before = at
    return False


def judged(tree: CohortTree, admission: Admission, made: Made) -> Truth:
    match tree:
        case CohortNot():
            inner = judged(tree.not_, admission, made)
            return None if inner is None else not inner
        case CohortAll():
            parts = [judged(one, admission, made) for one in tree.all_]
            return False if False in parts else None if None in parts else True
        case CohortAny():
            parts = [judged(one, admission, made) for one in tree.any_]
            return True if True in parts else None if None in parts else False
        case _:
            return holds(tree, admission, made)


def is_asked_for(definition: CohortDefinition, one: Admission) -> Truth:
    parts: list[Truth] = []
    if definition.who.sex:
        parts.append(None if one.sex in (None, "unknown") else one.sex == definition.who.sex)
    if definition.who.age_min:
        # All are admitted between 2026-09-21 and 2026-09-24.
        least = {"1950-01-01": 76, "1960-12": 65, "2000": 25, None: None}[one.birth_date]
        parts.append(None if least is None else least >= definition.who.age_min)
    return False if False in parts else None if None in parts else True


def counted(definition: CohortDefinition, made: Made) -> tuple[int, int, int]:
    total = [0, 0, 0]
    for one in admissions(made, definition.transfer_min * MINUTE_US):
        if (meant := is_asked_for(definition, one)) is False:
            continue
        holding = judged(definition.condition, one, made)
        both = (meant, holding)
        answer = False if False in both else None if None in both else True
        total[0] += 1
        total[1] += answer is True
        total[2] += answer is None
    return total[0], total[1], total[2]


conditions = st.builds(
    lambda **told: CohortCondition(code="spo2", unit="%", **told),
    op=st.sampled_from(["<", ">="]),
    value=st.sampled_from([88.0, 90.0]),
    lasting_min=st.sampled_from([0, 1, 3]),
    max_gap_s=st.sampled_from([30, 60, 150]),
    from_h=st.sampled_from([-1, 0]),
    to_h=st.sampled_from([1, 24]),
) | st.just(CohortCondition(code="spo2", op="<", value=89, unit="%", anchor="discharge", from_h=-2))


def both_of(part: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    two = st.lists(part, min_size=2, max_size=2)
    return (
        st.builds(lambda one: CohortAll.model_validate({"all": one}), two)
        | st.builds(lambda one: CohortAny.model_validate({"any": one}), two)
        | st.builds(lambda one: CohortNot.model_validate({"not": one}), part)
    )


@st.composite
def definitions(draw: st.DrawFn) -> CohortDefinition:
    tree = draw(conditions | both_of(conditions | both_of(conditions)))
    who = draw(st.sampled_from([{}, {"sex": "male"}, {"age_min": 66}, {"age_min": 20, "sex": "female"}]))
    return CohortDefinition.model_validate(
        {"condition": tree, "who": who, "transfer_min": draw(st.sampled_from([0, 45]))}
    )


@st.composite
def lakes(draw: st.DrawFn) -> Made:
    stays, samples = list[Stay](), list[Sample]()
    until = BASE_US + 3 * DAY_US
    for n in range(draw(st.integers(1, 4))):
        at = BASE_US + draw(st.integers(0, 30)) * HOUR_US
        sex = draw(st.sampled_from(["male", "female", "unknown", None]))
        date = draw(st.sampled_from(["1950-01-01", "1960-12", "2000", None]))
        for part in range(draw(st.integers(1, 3))):
            ended = at + draw(st.sampled_from([20, 60, 1500])) * MINUTE_US
            is_last = draw(st.booleans()) and part == 2
            bed = f"bed-{n}-{part}"
            stay = Stay(f"P{n}", bed, at, None if is_last else ended, sex=sex, birth_date=date)
            stays.append(stay)
            samples += draw(readings(bed, at))
            at = ended + draw(st.sampled_from([0, 30, 90])) * MINUTE_US
    lost = draw(st.lists(st.integers(0, max(len(samples) - 1, 0)), max_size=3))
    return Made(stays, samples, until, lost)


@st.composite
def readings(draw: st.DrawFn, bed: str, at: int) -> list[Sample]:
    at += draw(st.sampled_from([-5, 0, 55, 1435])) * MINUTE_US
    found = list[Sample]()
    kinds = [(87.0, None, 0), (89.0, None, 0), (95.0, None, 0), (None, "sensor-off", 0), (85.0, None, FLAWED)]
    for _ in range(draw(st.integers(0, 14))):
        at += draw(st.sampled_from([20, 60, 61, 140])) * SECOND_US
        value, reason, quality = draw(st.sampled_from([*kinds, (150.0, None, 0)]))
        device = draw(st.sampled_from(["ox-1", "ox-1", "ox-1", "ox-2"]))
        found.append(Sample(bed, at, value, device, reason=reason, quality=quality))
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lakes(), definitions())
def test_a_plain_loop_over_the_rows_counts_the_same(made: Made, definition: CohortDefinition) -> None:
    with tempfile.TemporaryDirectory() as name:
        lake = lake_of(Path(name), made)
        found = asked(lake, definition, Still())
        members = members_of(lake, definition)
    total = found.total.admitted, found.total.matching, found.total.unknown
    assert total == counted(definition, made)
    assert len(members) == found.total.matching
