"""A real capture of a pulse wave, held against itself with losses that are known."""

import pytest

from devices.profiles import profile
from hil.errors import BadMeasurement
from hil.measure.captures import compared
from hil.measure.waveform import Fidelity
from tests.support.evidence import frames, pleth

NONIN = profile("nonin-xpod")


def only(golden: list[int], arrived: bytes) -> Fidelity:
    ((metric, found),) = compared(NONIN, frames(golden), arrived, 0.3)
    assert metric == "pleth"
    return found


def test_a_capture_is_faithful_to_itself() -> None:
    found = only(pleth(), frames(pleth()))
    assert (found.lost, found.doubled) == (0, 0)
    assert found.delay_s == pytest.approx(0, abs=0.002)
    assert found.rmse < 0.5


def test_a_packet_that_was_lost_is_counted() -> None:
    lines = frames(pleth()).splitlines()
    found = only(pleth(), b"\n".join(lines[:250] + lines[275:]))
    assert found.lost >= 25


def test_another_persons_pulse_is_not_taken_for_it() -> None:
    with pytest.raises(BadMeasurement, match="another waveform"):
        only(pleth(), frames([100 + (n * 7919 % 97) for n in range(600)]))


def test_what_never_came_is_said() -> None:
    with pytest.raises(BadMeasurement, match="nothing arrived"):
        only(pleth(), frames([100]))


def test_a_golden_capture_needs_a_waveform() -> None:
    with pytest.raises(BadMeasurement, match="no waveform"):
        list(compared(NONIN, b"0.0 00", frames(pleth()), 0.3))
