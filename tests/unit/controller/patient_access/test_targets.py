"""What measurements at home should come to: the last word of each kind, and how a reading stands to it."""

import json
import re
from collections.abc import Mapping
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import Conflict
from controller.identity.certificates import By
from controller.patient_access.glucose import MG_PER_MMOL
from controller.patient_access.measured import Reading, Word
from controller.patient_access.targets import Bounds, Target, Targets, against
from tests.unit.controller.patient_access.conftest import Home

ANNA = By("anna", "10.0.0.7")
PRESSURE = Bounds("blood-pressure", high=140, second_high=90)


def reading(value: float, second: float | None = None, said: Word | None = None) -> Reading:
    told: Mapping[str, str] = {"kind": "blood-pressure", "device": "cuff-1", "unit": "mm[Hg]"}
    return Reading(id=1, at_ms=0, value=value, second=second, is_doubtful=False, said=said, **told)  # type: ignore[arg-type]


@pytest.fixture
def targets(home: Home) -> Targets:
    return Targets(home.pharmacy.store, home.pharmacy.clock)


async def test_the_last_word_of_each_kind_holds_and_one_without_bounds_ends_it(targets: Targets) -> None:
    await targets.set("4713", PRESSURE, ANNA)
    await targets.set("4713", Bounds("weight", low=60, high=70), ANNA)
    await targets.set("4713", Bounds("blood-pressure", low=100, high=130), ANNA)
    found = await targets.of("4713")
    assert found["blood-pressure"].bounds == Bounds("blood-pressure", low=100, high=130)
    assert (found["weight"].unit, found["weight"].by) == ("kg", "anna")
    await targets.set("4713", Bounds("weight"), ANNA)
    assert set(await targets.of("4713")) == {"blood-pressure"}
    assert await targets.of("4714") == {}


async def test_each_word_is_in_the_trail(home: Home, targets: Targets) -> None:
    await targets.set("4713", PRESSURE, ANNA)
    rows = await home.pharmacy.store.read("SELECT entry FROM audit ORDER BY number DESC LIMIT 1")
    entry = json.loads(rows[0]["entry"])
    assert (entry["action"], entry["actor"], entry["patient"]) == ("patient-target", "anna", "4713")
    assert entry["detail"]["high"] == "140"


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (Bounds("blood-pressure", low=140, high=140), "nothing is between"),
        (Bounds("blood-pressure", high=1400), "expected 10 to 320"),
        (Bounds("weight", high=80, second_high=70), "only blood pressure has two"),
        (Bounds("heart-rate", high=100), "expected one of"),
        (Bounds("blood-glucose", high=180, unit="mmol/L"), "expected 0 to 55.5074 mmol/L"),
        (Bounds("weight", high=80, unit="mmol/L"), "expected weight in kg"),
    ],
)
async def test_what_nobody_could_measure_is_refused(targets: Targets, bounds: Bounds, why: str) -> None:
    with pytest.raises(Conflict, match=why):
        await targets.set("4713", bounds, ANNA)


@pytest.mark.parametrize(
    ("value", "second", "stands"),
    [(139, 89, "within"), (140, 80, "above"), (120, 90, "above"), (99, 60, "below"), (100, None, "within")],
)
def test_at_least_the_low_and_below_the_high_one_is_within(
    value: float, second: float | None, stands: str
) -> None:
    target = Target(Bounds("blood-pressure", low=100, high=140, second_high=90), "anna", 0)
    assert against(reading(value, second), target) == stands


def test_without_a_target_or_of_somebody_else_a_reading_stands_to_nothing() -> None:
    assert against(reading(200, 100), None) is None
    assert against(reading(200, 100, "not-mine"), Target(PRESSURE, "anna", 0)) is None
    assert against(reading(200, 100, "mine"), Target(PRESSURE, "anna", 0)) == "above"


@given(st.floats(10, 320), st.floats(10, 320), st.floats(10, 320))
def test_every_number_stands_in_one_way(value: float, low: float, high: float) -> None:
    target = Target(Bounds("blood-pressure", low=low, high=high), "anna", 0)
    stands = against(reading(value), target)
    assert stands == ("above" if value >= high else "below" if value < low else "within")


def sugar(value: float) -> Reading:
    return Reading(1, "blood-glucose", "meter-1", 0, value, None, "mg/dL", is_doubtful=False, said=None)


async def test_glucose_is_kept_in_the_unit_in_which_it_was_said_with_all_that_was_before(
    targets: Targets,
) -> None:
    await targets.set("4713", Bounds("blood-glucose", low=70, high=180), ANNA)
    await targets.set("4713", Bounds("blood-glucose", low=3.9, high=10, unit="mmol/L"), ANNA, "TV00000001")
    held = (await targets.of("4713"))["blood-glucose"]
    assert (held.bounds.low, held.bounds.high, held.unit, held.visit) == (3.9, 10, "mmol/L", "TV00000001")
    assert [against(sugar(value), held) for value in (70, 71, 180, 181)] == [
        "below",
        "within",
        "within",
        "above",
    ]
    await targets.set("4713", Bounds("blood-glucose"), ANNA)
    ever = await targets.history("4713")
    assert [(one.bounds.high, one.unit, one.visit) for one in ever] == [
        (None, "mg/dL", None),
        (10, "mmol/L", "TV00000001"),
        (180, "mg/dL", None),
    ]
    assert await targets.history("4714") == []


def test_the_factor_is_that_of_the_molar_mass_and_the_pages_have_the_same() -> None:
    assert pytest.approx(18.0156) == MG_PER_MMOL
    page = resources.files("controller").joinpath("web/public/reading.js").read_text(encoding="utf-8")
    assert re.findall(r"MG_PER_MMOL = ([\d.]+)", page) == [f"{MG_PER_MMOL:g}"]
