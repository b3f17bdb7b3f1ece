"""Every kind of fault that the rig can bring about, end to end: node, cable, gateway, network, controller."""

from collections.abc import Callable, Sequence

import pytest

from hil.evidence.collect import Evidence
from hil.evidence.measurement import AnyMeasurement, Distribution, Limits
from hil.evidence.run import Fault
from hil.rig.campaign import Happened, blocks_accounted, campaign, drawn
from hil.rig.kinds import kinds_for
from hil.rig.rig import Rig
from tests.rig.driven import worth
from tests.rig.plugin import BEGAN

Measure = Callable[[AnyMeasurement], AnyMeasurement]


@pytest.mark.covers("F-01")
@pytest.mark.covers("F-22")
@pytest.mark.timeout(0)  # the campaign has its own patience, and as many rounds as one wants
def test_a_fault_of_any_kind_loses_nothing_in_silence_and_doubles_nothing(
    rig: Rig,
    evidence: Evidence,
    measure: Measure,
    seed: int,
    request: pytest.FixtureRequest,
    say: Callable[[str], object],
) -> None:
    option, able = request.config.option, kinds_for(rig.features)
    kinds = drawn(able, seed, option.kinds)
    result = campaign(rig, kinds, seed, option.rounds, say)
    for one in result.happened:
        evidence.fault(told(one, request.config.stash[BEGAN], request.node.nodeid))
    if left := [kind.name for kind in able if kind not in kinds]:
        evidence.note(f"--kinds {len(kinds)} left out of the faults: {', '.join(left)}.")
    for round_, fact in result.verdict.facts.items():
        evidence.note(f"{round_}: {fact}.")
    measure(recovery(result.happened, worth(rig)))
    assert result.verdict.problems == []
    assert blocks_accounted(rig) == []
    assert result.fired() == {kind.name for kind in kinds}


def told(one: Happened, began: float, test: str) -> Fault:
    """For the timeline, in seconds since the run began."""
    live = one.recovered.seen_s - began if one.recovered else None
    return Fault(one.kind, one.began - began, one.ended - began, live, bool(one.known), test, one.known)


def recovery(happened: Sequence[Happened], note: str) -> Distribution:
    """The recovery of every round whose fault fired, as uncertain as the widest gap between two looks."""
    recovered = [one.recovered.measured(one.kind) for one in happened if one.recovered and one.known]
    widest = max(one.uncertainty or 0.0 for one in recovered)
    note = f"from a fault's end until a reading that was measured after it is in the ledger; {note}"
    values = tuple(one.value for one in recovered)
    return Distribution("recovery", "s", values, {"max": Limits(upper=30.0)}, widest, note=note)
