"""What no emulator shows: these tests run on a bench only, and say so elsewhere. None was run yet."""

import statistics
import time
from collections.abc import Callable

import pytest
import serial

from hil.evidence.measurement import AnyMeasurement, Distribution, Limits, Measurement
from hil.measure.battery import Load, life
from hil.rig.ledger import Ledger
from hil.rig.rig import Rig, now_us
from hil.rig.site import until
from tests.rig.plugin import part_of
from tests.rig.test_battery import CELLS

Measure = Callable[[AnyMeasurement], AnyMeasurement]
_SECONDS = 20.0
_METER_MA = 0.5
"""How far the current meter may be off (k = 2)."""


@pytest.mark.bench("board", "dongle", why="a radio, which no emulator here has")
def test_a_real_strap_is_heard_over_a_real_dongle(rig: Rig, measure: Measure) -> None:
    assert rig.radio is not None
    strap, began = Ledger(rig.ledger.database, rig.radio.strap.id), now_us()
    until("the strap is heard", lambda: strap.is_live_since(began))
    row = strap.mark().reading
    time.sleep(_SECONDS)
    rate = len(strap.readings(row)) / _SECONDS
    measure(Measurement("readings of the strap", rate, "/s", lower=0.9, uncertainty=0.05))
    assert rate > 0.9


@pytest.mark.bench("board", "dongle", why="a radio, which no emulator here has")
def test_a_real_strap_out_of_reach_is_an_alert(rig: Rig, measure: Measure) -> None:
    assert rig.radio is not None
    strap = Ledger(rig.ledger.database, rig.radio.strap.id)
    after = strap.mark().alert
    rig.radio.lose()
    delay = until("the loss is told", lambda: strap.raised("device-lost", after))
    rig.radio.find()
    measure(Measurement("alarm delay, strap lost", delay, "s", upper=15.0, uncertainty=0.5))
    assert delay < 15.0


@pytest.mark.bench("board", "dac", why="the peripherals of ESP32, RP2040 and nRF52: an ADC that measures")
def test_what_the_adc_measures_is_what_the_dac_gives(rig: Rig, measure: Measure) -> None:
    errors = []
    for value in range(3600, 3900, 50):
        rig.player.drive(value)
        time.sleep(1.0)
        readings = [one.value for one in rig.ledger.values()[-5:] if one.value is not None]
        errors.append(statistics.fmean(readings) - value / 100)
    limits = {"max": Limits(upper=0.2), "min": Limits(lower=-0.2)}
    measured = measure(Distribution("error of the ADC", "Cel", tuple(errors), limits, 0.05))
    assert measured.judgement == "within"


@pytest.mark.bench(
    "board", "relay", why="a supply that really falls, and a flash that is really written then"
)
def test_a_board_whose_supply_is_cut_loses_nothing_in_silence(rig: Rig) -> None:
    mark = rig.ledger.mark()
    for _ in range(20):
        rig.node.cut()
        rig.node.on()
        rig.live_since(now_us())
    assert rig.settled(mark) == []


@pytest.mark.bench("board", "photodiode", why="light: the currents of an oximeter's LEDs")
def test_the_leds_take_turns_as_bright_as_the_registers_say(
    pytestconfig: pytest.Config, measure: Measure
) -> None:
    levels = _lines(part_of(pytestconfig, "photodiode"), seconds=2.0)
    red, infrared = (statistics.fmean(level[n] for level in levels) for n in (0, 1))
    measure(Measurement("red over infrared", red / infrared, "1", 0.8, 1.25, 0.05))
    assert 0.8 <= red / infrared <= 1.25


@pytest.mark.bench("board", "current-meter", why="a supply current: what the node uses, and uses asleep")
def test_what_the_node_uses_is_what_its_battery_is_reckoned_with(
    pytestconfig: pytest.Config, measure: Measure
) -> None:
    currents = tuple(one[0] for one in _lines(part_of(pytestconfig, "current-meter"), _SECONDS))
    mean = statistics.fmean(currents)
    measure(Measurement("mean current", mean, "mA", upper=25.0, uncertainty=_METER_MA))
    load = Load("as it ran", mean, _METER_MA / mean, 1.0, "measured")
    lasts = measure(life(CELLS, [load], "battery life, measured current", lower_h=30.0))
    assert lasts.judgement == "within"


def _lines(port: str, seconds: float) -> list[list[float]]:
    """What a meter writes: numbers in lines."""
    found, end = list[list[float]](), time.monotonic() + seconds
    with serial.Serial(port, 115200, timeout=1) as meter:
        while time.monotonic() < end:
            if line := meter.readline().split():
                found.append([float(one) for one in line])
    return found
