"""What a node has to do on any rig, simulated, emulated or on a bench: the same tests, word by word."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

from hil.evidence.collect import Evidence
from hil.evidence.measurement import AnyMeasurement, Judgement, Limits
from hil.measure.waveform import Fidelity, fidelity
from hil.rig.rig import Rig, now_us
from hil.rig.site import until
from tests.rig.alarms import LOOK_S, Alarms
from tests.rig.driven import drive_new, held, worth

Measure = Callable[[AnyMeasurement], AnyMeasurement]
_NORMAL, _FEVER = 3700, 3960
_LIMIT, _GONE = "temp-high", "device-lost"
_TIMES = 8
_PERIOD_S = 0.1
"""How often the node measures at most (rigs/*.yaml)."""
_CLOCK_S = 2 * LOOK_S
_TO_THE_ROW = "to the alert's row in the controller's database"


def test_what_the_sensor_measures_is_in_the_controllers_ledger_in_order(rig: Rig) -> None:
    mark = rig.ledger.mark()
    drive_new(rig, 3812)
    rig.live_since(now_us())
    assert rig.settled(mark) == []
    assert len(rig.ledger.account(mark).numbers) >= 1


def test_a_reset_node_goes_on_with_its_numbers(rig: Rig) -> None:
    mark, boot = rig.ledger.mark(), rig.heard.boot
    rig.reset()
    until("the node begins again", lambda: rig.heard.boot > boot)
    rig.live_since(now_us())
    assert rig.settled(mark) == []
    assert rig.ledger.account(mark).told == frozenset()


@pytest.mark.covers("F-23")
def test_a_fever_is_an_alert_at_the_controller(rig: Rig, measure: Measure, draw: Random) -> None:
    rig.player.drive(_NORMAL)
    with Alarms(rig.ledger, _LIMIT) as alarms:
        for _ in range(_TIMES):
            alarms.until_over()
            time.sleep(draw.uniform(0, _PERIOD_S))  # not in step with the node
            alarms.stimulus(rig.player.drive(_FEVER))
            rig.player.drive(_NORMAL)
        alarms.until_over()
    note = f"from the driven value {_TO_THE_ROW}; {worth(rig)}"
    judge(measure, alarms, "alarm delay, value over its limit", 10.0, note)


def test_a_cable_that_is_pulled_is_an_alert_at_the_controller(rig: Rig, measure: Measure) -> None:
    with Alarms(rig.ledger, _GONE) as alarms:
        for _ in range(_TIMES // 2):
            alarms.until_over()
            at = time.monotonic()
            rig.cable.pull()
            alarms.stimulus(at)
            rig.cable.plug()
        alarms.until_over()
    note = f"from the moment when the port is gone {_TO_THE_ROW}; {worth(rig)}"
    judge(measure, alarms, "alarm delay, cable pulled", 10.0, note)


def test_a_node_that_falls_silent_is_an_alert_at_the_controller(rig: Rig, measure: Measure) -> None:
    """The port is still there, and nothing comes: after 15 s the gateway takes the node for gone."""
    mark = rig.ledger.mark()
    with Alarms(rig.ledger, _GONE) as alarms:
        rig.cable.up.is_cut = rig.cable.down.is_cut = True
        alarms.stimulus(time.monotonic())
        rig.cable.heal()
        alarms.until_over()
    note = f"from the cut {_TO_THE_ROW}: the profile waits for 15 s; {worth(rig)}"
    judge(measure, alarms, "alarm delay, node silent", 20.0, note)
    rig.live_since(now_us())
    assert rig.settled(mark) == []


def judge(measure: Measure, alarms: Alarms, name: str, upper_s: float, note: str) -> None:
    """Every stimulus raised its alarm in time, and nothing else did."""
    limits = {"p50": Limits(upper=upper_s), "max": Limits(upper=upper_s)}
    told = [measure(one) for one in alarms.paired().measured(name, limits, _CLOCK_S, note)]
    assert {one.judgement for one in told} == {Judgement.WITHIN}


def test_a_recording_arrives_as_it_was_played(rig: Rig, evidence: Evidence, measure: Measure) -> None:
    """A breath of half a degree, slower than the node measures; an emulated one measures when it gets to."""
    rate_hz, breath_s, breaths = 20, 3.0, 1.5
    count = round(rate_hz * breath_s * breaths)
    played = [_NORMAL + round(50 * math.sin(math.tau * n / rate_hz / breath_s)) for n in range(count)]
    row = rig.ledger.mark().reading
    at = rig.player.play(played, rate_hz)
    rig.live_since(now_us())
    found = faithful(rig, row, played, at)
    limits = {"rmse": Limits(upper=0.2), "delay": Limits(-0.5, 0.5), "lost": Limits(upper=0)}
    limits["doubled"] = Limits(upper=0)
    note = f"by the times that the gateway gave the readings; {worth(rig)}"
    told = [replace(one, note=f"{one.note}; {note}") for one in found.judged("waveform", "Cel", limits)]
    evidence.figure(found.overlay("driven sensor, node to ledger", "Cel"))
    assert {measure(one).judgement for one in told} == {Judgement.WITHIN}


def faithful(rig: Rig, row: int, played: list[int], at: list[float]) -> Fidelity:
    """By the node's own numbers, at the rate at which they came: an emulated node's clock is not ours."""
    came = [
        (number, one.mono_us / 1e6, one.value)
        for number, one in rig.ledger.numbered(row)
        if one.value is not None and at[0] <= one.mono_us / 1e6 <= at[-1]
    ]
    (first, began, _), (last, ended, _) = came[0], came[-1]
    rate_hz = (last - first) / (ended - began)
    golden = [held(played, at, began + n / rate_hz) for n in range(last - first + 1)]
    arrived = [(number - first, value) for number, _, value in came]
    return fidelity(golden, arrived, rate_hz, most_delay_s=0.5)
