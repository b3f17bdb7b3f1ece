"""The simulated node and its codec: every change arrives once and in order, whatever the line loses."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from devices.codecs import Said
from devices.codecs.node.inputs import NodeInputs
from devices.model.observation import EventKind, Instant
from hil.sims.models.vehicle_inputs import Node
from hil.sims.patient import Patient
from hil.sims.simulated import Measured
from tests.support.captures import briefly


def conversation(
    sim: Node, seconds: int, passes: Callable[[int], bool] = lambda _: True, codec: NodeInputs | None = None
) -> list[Said]:
    """What the codec says; `passes` tells of each tenth of a second whether the line works."""
    codec = codec or NodeInputs()
    said: list[Said] = []
    for tenth in range(seconds * 10):
        now = Instant(tenth * 100_000_000)
        outgoing = codec.data_to_send() if passes(tenth) else b""
        sent: list[Measured] = sim.heard(outgoing, tenth / 10) + sim.tick(tenth / 10)
        for one in sent if passes(tenth) else []:
            said += codec.receive_data(one.payload, now)
            if codec.awaits_journal():
                codec.journalled(now)
    return said


def changes(said: list[Said], name: str) -> list[Any]:
    return [brief[1][name] for brief in briefly(said) if brief[0] == "status" and name in brief[1]]


def test_doors_siren_and_stretcher_are_told_as_they_change() -> None:
    said = conversation(Node(Patient(3)), 200)
    assert len(changes(said, "door-open")) >= 6
    assert len(changes(said, "siren-on")) >= 4
    assert changes(said, "stretcher-loaded") == [1]
    assert all(a != b for a, b in pairwise(changes(said, "door-open")))
    assert {one.kind for one in said if hasattr(one, "kind")} == {EventKind.STATUS}  # type: ignore[union-attr]


def test_a_stretcher_that_is_empty_is_told() -> None:
    sim, codec = Node(Patient(3)), NodeInputs()
    assert changes(conversation(sim, 3, codec=codec), "stretcher-loaded") == [1]
    sim.on_patient = False
    assert changes(conversation(sim, 3, codec=codec), "stretcher-loaded") == [0]


def test_a_line_that_fails_now_and_then_loses_no_change() -> None:
    whole = conversation(Node(Patient(3)), 200)
    broken = conversation(Node(Patient(3)), 200, lambda tenth: tenth % 7 != 0 and not 400 < tenth < 900)
    for name in ("door-open", "siren-on", "stretcher-loaded"):
        assert changes(broken, name) == changes(whole, name)
    assert EventKind.UNMAPPED not in {one.kind for one in broken if hasattr(one, "kind")}  # type: ignore[union-attr]


def test_what_a_node_could_not_keep_is_told_as_lost() -> None:
    said = conversation(Node(Patient(3)), 900, lambda tenth: not 100 < tenth < 8000)
    lost = [brief[1] for brief in briefly(said) if brief[0] == "unmapped"]
    assert [one["code"] for one in lost] == ["reports-lost"]
    assert lost[0]["value"] > 50
