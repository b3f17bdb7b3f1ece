"""How long an emulated board would last: its states' time is measured here, their currents are not."""

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from hil.evidence.measurement import AnyMeasurement
from hil.measure.battery import Charge, Load, life
from hil.rig.line import BAUD
from hil.rig.rig import Rig
from tests.rig.driven import worth

Measure = Callable[[AnyMeasurement], AnyMeasurement]
CELLS = Charge(1000, 0.25, "what data sheets of AAA alkaline cells have in common, down to 0.9 V a cell")
_CHIP = "nRF51822 Product Specification 3.1, typical values"
_RUNS_MA, _UART_MA = 4.4, 0.22
"""The processor running from flash at 16 MHz; the UART at 115200 beside it."""
_TYPICAL = 0.3
"""How far a chip may be from what its data sheet calls typical (k = 2)."""
_SECONDS, _BITS = 1.0, 10


@pytest.mark.needs("emulated")
def test_how_long_two_cells_would_last_by_the_data_sheet(rig: Rig, measure: Measure) -> None:
    """The board's program never sleeps: the states are sending, and not sending."""
    before, began = rig.cable.up.counts["bytes"], time.monotonic()
    time.sleep(_SECONDS)
    sent = rig.cable.up.counts["bytes"] - before
    sends = sent * _BITS / BAUD / (time.monotonic() - began)
    spread = 2 * sends / (sent or 1) ** 0.5
    states = [
        Load("sending", _RUNS_MA + _UART_MA, _TYPICAL, sends, _CHIP, spread),
        Load("running", _RUNS_MA, _TYPICAL, 1 - sends, _CHIP, spread),
    ]
    found = life(CELLS, states, "battery life of two AAA cells, by data sheets")
    beside = "the chip alone, without the board's interface, sensors and lamps; how long it sends was counted"
    told = measure(replace(found, note=f"{found.note}; {beside}; {worth(rig)}"))
    assert sent
    assert told.judgement == "no limits"  # what was not measured proves no limit
