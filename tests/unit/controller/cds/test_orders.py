"""Orders of other systems: what of their dosage is not understood is said, and never guessed."""

from typing import Any

import pytest

from controller.cds.orders import UCUM, lines_of
from controller.prescriptions.checks.model import Timing

MG = {"value": 10, "unit": "mg", "system": UCUM, "code": "mg"}
DAILY = {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}
DOSED = {"doseAndRate": [{"doseQuantity": MG}]}


def read(*dosages: dict[str, Any]) -> Any:
    medicine = {"text": "methotrexate"}
    order = {"resourceType": "MedicationRequest", "medicationCodeableConcept": medicine}
    order |= {"dosageInstruction": list(dosages)}
    [found] = lines_of({"draftOrders": {"entry": [{"resource": order}]}})
    return found


@pytest.mark.parametrize(
    ("dosage", "timing"),
    [
        ({**DOSED, "timing": DAILY}, Timing(1, 1, "d")),
        ({**DOSED, "timing": {"repeat": {"count": 1}}}, None),
        ({**DOSED, "timing": {"event": ["2026-11-27T08:00:00Z"]}}, None),
        ({**DOSED, "asNeededBoolean": True}, None),
        ({"text": "as told"}, None),
    ],
)
def test_a_dosage_that_is_understood_needs_no_word(dosage: dict[str, Any], timing: Timing | None) -> None:
    line, why = read(dosage)
    assert (line.timing, why) == (timing, "")


@pytest.mark.parametrize(
    "timing",
    [
        None,
        {"code": {"text": "BID"}},
        {"repeat": {"frequency": 1, "period": 1, "periodUnit": "mo"}},
        {"repeat": {"frequency": 1, "frequencyMax": 4, "period": 1, "periodUnit": "d"}},
        {"repeat": {"frequency": 1, "period": 12, "periodMax": 24, "periodUnit": "h"}},
        {"repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}},
        {"event": ["2026-11-27T08:00:00Z", "2026-11-27T20:00:00Z"]},
    ],
)
def test_a_rhythm_that_is_not_understood_is_not_taken_for_once(timing: dict[str, Any] | None) -> None:
    line, why = read({**DOSED, "timing": timing} if timing else DOSED)
    assert line.dose is not None
    assert why == "how often methotrexate is given is not understood: it was looked at as given once"


def test_a_second_step_of_a_dosage_is_said_not_to_be_looked_at() -> None:
    step = {**DOSED, "timing": DAILY}
    assert read(step, step)[1] == "methotrexate has 2 dosages: only the first was looked at"
    two = {"timing": DAILY, "doseAndRate": [{"doseQuantity": MG}, {"doseQuantity": MG}]}
    assert read(two)[1] == "methotrexate has 2 dosages: only the first was looked at"
