"""How an order goes on: figure 8 of the standard, row by row, and the seam between two messages."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.codecs.vda5050.action import Action
from devices.codecs.vda5050.errors import BadField
from devices.codecs.vda5050.order import Node, NodePosition, Order
from devices.codecs.vda5050.problems import ErrorType
from devices.codecs.vda5050.rules import faults_of
from devices.codecs.vda5050.stitching import Held, Verdict, judge, merge, stitch
from devices.codecs.vda5050.version import V2_1, V3_0, Version
from tests.support.vda5050_messages import edge, header, order

BOTH = pytest.mark.parametrize("version", [V2_1, V3_0])
FIRST = order("fdgbh", released=3)
"""Figure 4: g is the decision point, b and h are the horizon."""
NEXT = order("gbhi", released=3, update=1, first=4)
"""Figure 5."""


def held(one: Order = FIRST, **changes: Any) -> Held:
    return replace(
        Held(one, one, idle=False, cancelled=False, last_node_id="f", last_node_sequence_id=0), **changes
    )


def verdict(one: Order, had: Held | None, version: Version = V3_0) -> tuple[Verdict, list[ErrorType]]:
    made, problems = judge(one, had, version)
    assert (made is Verdict.REJECTED) == bool(problems)
    return made, [problem.type for problem in problems]


@BOTH
def test_a_vehicle_without_an_order_takes_a_new_one(version: Version) -> None:
    assert verdict(FIRST, None, version) == (Verdict.NEW, [])
    assert verdict(order("ab", order_id="o-2"), held(idle=True), version) == (Verdict.NEW, [])
    assert verdict(order("ab", order_id="o-2"), held(idle=True, cancelled=True), version) == (Verdict.NEW, [])


@BOTH
def test_an_active_order_is_not_replaced_by_another(version: Version) -> None:
    assert verdict(order("ab", order_id="o-2"), held(), version) == (
        Verdict.REJECTED,
        [ErrorType.OTHER_ACTIVE],
    )


def test_a_new_order_begins_at_0_in_3_0() -> None:
    late = order("ab", update=3)
    assert verdict(late, None, V2_1) == (Verdict.NEW, [])
    assert verdict(late, None, V3_0) == (Verdict.REJECTED, [ErrorType.CONTINUATION])
    assert verdict(order("ab", first=4), None, V3_0) == (Verdict.REJECTED, [ErrorType.CONTINUATION])


@BOTH
def test_a_broken_order_is_rejected_before_anything_else(version: Version) -> None:
    assert verdict(replace(FIRST, edges=()), held(), version) == (Verdict.REJECTED, [ErrorType.GRAPH])


@BOTH
def test_an_update_that_begins_at_the_decision_point_goes_on(version: Version) -> None:
    assert verdict(NEXT, held(), version) == (Verdict.UPDATE, [])


@BOTH
@pytest.mark.parametrize("bad", [order("gbhi", update=1, first=2), order("dgbh", update=1, first=4)])
def test_an_update_that_begins_elsewhere_is_rejected(bad: Order, version: Version) -> None:
    assert verdict(bad, held(), version) == (Verdict.REJECTED, [ErrorType.CONTINUATION])


@BOTH
def test_an_update_of_a_finished_order_begins_where_the_vehicle_is(version: Version) -> None:
    done = held(order("fdg"), idle=True, last_node_id="g", last_node_sequence_id=4)
    assert verdict(NEXT, done, version) == (Verdict.UPDATE, [])


def test_an_old_update_is_rejected_and_the_same_one_ignored() -> None:
    had = held(replace(FIRST, order_update_id=1))
    assert verdict(FIRST, had) == (Verdict.REJECTED, [ErrorType.OUTDATED])
    again = replace(had.message, header=header(9))
    assert verdict(again, had) == (Verdict.SAME, [])
    other = replace(again, order_description="another")
    assert verdict(other, had, V2_1) == (Verdict.SAME, [])
    assert verdict(other, had, V3_0) == (Verdict.REJECTED, [ErrorType.SAME_UPDATE])


@BOTH
def test_a_cancelled_order_is_not_updated(version: Version) -> None:
    gone = held(idle=True, cancelled=True)
    assert verdict(NEXT, gone, version) == (Verdict.REJECTED, [ErrorType.AFTER_CANCEL])


def test_the_base_stays_and_the_horizon_is_replaced() -> None:
    whole = merge(FIRST, NEXT)
    assert "".join(node.node_id for node in whole.nodes) == "fdgbhi"
    assert [one.edge_id for one in whole.edges] == ["fd", "dg", "gb", "bh", "hi"]
    assert faults_of(whole) == []


def test_the_decision_point_is_sent_again_as_it_was() -> None:
    place = NodePosition(x=1, y=2, map_id="1")
    pick = Action(action_type="pick", action_id="p")
    point = replace(FIRST.nodes[2], node_position=place, actions=(pick,))
    had = replace(FIRST, nodes=(*FIRST.nodes[:2], point, *FIRST.nodes[3:]))
    update = stitch(had, header(1), [Node(node_id="x", sequence_id=0, released=True)], [edge("gx")])
    assert update.nodes[0] == point
    assert (update.order_update_id, update.nodes[1].sequence_id, update.edges[0].sequence_id) == (1, 6, 5)
    assert verdict(update, held(had)) == (Verdict.UPDATE, [])
    spared = stitch(had, header(1), update.nodes[1:], update.edges, resend_actions=False)
    assert spared == replace(update, nodes=(replace(point, actions=()), update.nodes[1]))
    assert merge(had, update) == merge(had, spared)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=5))
def test_any_updates_that_are_stitched_make_one_good_order(parts: list[tuple[int, int]]) -> None:
    whole = order("a")
    for released, further in parts:
        last = whole.decision_point()
        assert last
        names = [last.node_id, *"xyzuv"[: released + further]]
        nodes = [
            Node(node_id=one, sequence_id=0, released=place < released) for place, one in enumerate(names[1:])
        ]
        edges = [edge("".join(pair), released=place < released) for place, pair in enumerate(pairwise(names))]
        update = stitch(whole, header(whole.order_update_id + 1), nodes, edges)
        assert verdict(update, held(whole)) == (Verdict.UPDATE, [])
        assert whole.base() == merge(whole, update).base()[: len(whole.base())]
        whole = merge(whole, update)
        assert faults_of(whole) == []


def test_without_a_released_node_there_is_nothing_to_stitch_on() -> None:
    with pytest.raises(BadField, match="a released node"):
        stitch(replace(FIRST, nodes=()), header(1), [], [])
