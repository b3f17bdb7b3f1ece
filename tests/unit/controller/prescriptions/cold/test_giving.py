"""What of a prescription may be given while some of it waits for a pharmacist."""

from collections.abc import Sequence

import pytest

from controller.prescriptions.cold.giving import Held, refusal
from controller.prescriptions.cold.states import ColdState
from controller.prescriptions.gs1 import Scan

KEPT, TO_JUDGE, RELEASED, DISCARDED = (
    ColdState.KEPT,
    ColdState.TO_JUDGE,
    ColdState.RELEASED,
    ColdState.DISCARDED,
)


def held(number: int, state: ColdState | None, *, here: bool = True, batch: str = "B1") -> Held:
    return Held(f"SD{number}", here, state, frozenset({("G", batch, f"S{number}")}))


def pack(batch: str = "B1", serial: str = "") -> Scan:
    return Scan({"01": "G", "10": batch, "21": serial} if serial else {"01": "G", "10": batch}, expiry="")


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ([held(1, KEPT)], ""),
        ([held(1, RELEASED)], ""),
        ([held(1, None), held(2, KEPT, here=False)], ""),
        ([held(1, TO_JUDGE)], "SD1 was not kept cold"),
        ([held(1, TO_JUDGE), held(2, KEPT)], "SD1 was not kept cold"),
        ([held(1, DISCARDED)], "SD1 was discarded"),
        ([held(1, DISCARDED), held(2, KEPT)], ""),
        ([held(1, KEPT), held(2, DISCARDED)], "SD2 was discarded"),
        ([held(1, KEPT, here=False)], "SD1 must stay cold and nobody has taken it over"),
    ],
)
def test_the_label_stands_for_all_that_came(found: Sequence[Held], why: str) -> None:
    assert refusal(found, None).startswith(why)
    assert bool(refusal(found, None)) is bool(why)


def test_a_pack_with_a_serial_number_is_exactly_that_pack() -> None:
    found = [held(1, TO_JUDGE), held(2, KEPT), held(3, DISCARDED), held(4, KEPT, here=False)]
    told = {number: refusal(found, pack(serial=f"S{number}")) for number in range(1, 5)}
    assert [bool(told[number]) for number in range(1, 5)] == [True, False, True, True]


def test_a_pack_without_one_may_be_of_any_delivery_with_its_batch_and_of_no_other() -> None:
    found = [held(1, TO_JUDGE), held(2, KEPT), held(3, KEPT, batch="B2")]
    assert refusal(found, pack("B1")).startswith("SD1 was not kept cold")
    assert refusal(found, pack("B2")) == ""
    assert refusal(found, pack("B3")) == "", "nobody handed it out for this prescription"
