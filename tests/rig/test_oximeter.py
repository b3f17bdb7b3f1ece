"""The firmware's oximeter in a rig's evidence: through the whole rig where light can be played, and alone."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import pytest

from hil.evidence import oximeter
from hil.evidence.collect import Evidence
from hil.evidence.figures import BlandAltman
from hil.evidence.measurement import AnyMeasurement
from hil.evidence.run import Result
from hil.measure.agreement import Pair, accuracy
from hil.oximetry.finger import Conditions, Finger
from hil.oximetry.trials import RATE_HZ
from hil.rig.rig import Rig
from hil.rig.site import until
from tests.rig.driven import worth

Measure = Callable[[AnyMeasurement], AnyMeasurement]
_FINGERS = [
    *(Conditions(spo2=70 + 5 * step, irregular=0.03) for step in range(7)),
    *(Conditions(rate=rate, irregular=0.03) for rate in (30, 45, 60, 90, 120, 150, 180)),
]
_LIGHT_S, _LATE_S = 20, 1.0
_SAMPLES = 200
"""Of light in a reading of the unix node (hil/rig/nodes/unix_main.py)."""
_SPO2, _PULSE = "spo2", "pr_spo2"
_UNCERTAIN = 0.1


@pytest.mark.needs("light")
def test_saturation_and_pulse_in_the_ledger_agree_with_the_light_that_was_played(
    rig: Rig, evidence: Evidence, measure: Measure, seed: int
) -> None:
    spo2, pulse = list[Pair](), list[Pair]()
    for number, conditions in enumerate(_FINGERS):
        finger = Finger(conditions, 100 * seed + number)
        last = seen(rig, list(islice(finger.samples(RATE_HZ), _LIGHT_S * RATE_HZ)))
        spo2 += [(conditions.spo2, one) for one in last[_SPO2]]
        pulse += [(finger.pulse_at(_LIGHT_S - _LATE_S), one) for one in last[_PULSE]]
    for name, unit, pairs, most in (("SpO2", "%", spo2, 4.0), ("pulse", "/min", pulse, 5.0)):
        title = f"{name}, from light to ledger"
        evidence.figure(BlandAltman(title, unit, tuple(pairs)))
        note = f"synthetic light into the node, values out of the controller's ledger; {worth(rig)}"
        told = [measure(one) for one in accuracy(title, unit, pairs, _UNCERTAIN, arms=most, note=note)]
        assert told[-1].judgement == "within"
        assert len(pairs) == len(_FINGERS)


def seen(rig: Rig, light: Sequence[tuple[int, int]]) -> dict[str, list[float]]:
    """The last values that the ledger has of this light."""
    row, readings = rig.ledger.mark().reading, len(light) // _SAMPLES
    rig.player.shine(light)

    def of(metric: str) -> Iterator[float | None]:
        return (one.value for one in rig.ledger.readings(row) if one.metric == metric)

    until("the node has seen the light", lambda: len(list(of(_PULSE))) == readings)
    return {name: [one for one in list(of(name))[-1:] if one is not None] for name in (_SPO2, _PULSE)}


def test_the_oximeters_algorithm_alone_agrees_with_the_truth(evidence: Evidence) -> None:
    """No part of this rig is in it: the counts of synthetic light go straight into the algorithm."""
    before = len(evidence.record.run.outcomes)
    oximeter.fill(evidence)
    assert {one.result for one in evidence.record.run.outcomes[before:]} == {Result.PASSED}
