"""Glasgow Coma Scale and shock index."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.model.scores_bedside import Gcs, shock_index


def test_the_coma_scale_goes_from_3_to_15() -> None:
    totals = {Gcs(*parts).total for parts in product(range(1, 5), range(1, 6), range(1, 7))}
    assert totals == set(range(3, 16))


def test_a_coma_scale_is_written_by_its_parts() -> None:
    assert Gcs(4, 5, 6).text == "E4 V5 M6"


@pytest.mark.parametrize("parts", [(None, 5, 6), (4, None, 6), (4, 5, None)])
def test_what_cannot_be_tested_leaves_no_sum(parts: tuple[int | None, int | None, int | None]) -> None:
    gcs = Gcs(*parts)
    assert gcs.total is None
    assert "NT" in gcs.text


@pytest.mark.parametrize("parts", [(0, 5, 6), (5, 5, 6), (4, 6, 6), (4, 5, 7), (4, 0, 6), (4, 5, 0)])
def test_a_number_that_the_scale_does_not_have_is_refused(parts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected 1 to"):
        Gcs(*parts)


def test_the_shock_index_is_pulse_by_systolic_pressure() -> None:
    assert shock_index(120, 80) == 1.5
    assert shock_index(60, 120) == 0.5


def test_no_pressure_gives_no_shock_index() -> None:
    assert shock_index(120, 0) is None


@given(st.floats(20, 300), st.floats(20, 300), st.floats(40, 260))
def test_a_faster_pulse_never_lowers_the_shock_index(one: float, other: float, systolic: float) -> None:
    low, high = (shock_index(pulse, systolic) or 0 for pulse in sorted((one, other)))
    assert low <= high
