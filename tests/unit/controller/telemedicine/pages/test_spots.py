"""What was measured now and then at home: the newest of each kind, whole, and with its time."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.node import Call, node

SPOTS = "public/room/spots.js"


def value(metric: str, number: float | None, at_ms: int = 1000, **more: Any) -> dict[str, Any]:
    return {"device": "cuff-1", "metric": metric, "value": number, "at_ms": at_ms, "quality": [], **more}


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    with node() as started:
        yield started


def test_both_numbers_of_one_measurement_stand_together_and_those_of_two_do_not(call: Call) -> None:
    one = call(SPOTS, "spotsOf", [value("nibp_sys", 128), value("nibp_dia", 79), value("pr_nibp", 64)])
    told = {
        "metric": "nibp_sys",
        "value": 128,
        "second": 79,
        "at_ms": 1000,
        "isDoubtful": False,
        "alien": None,
    }
    assert one == [told]
    for other in ({"at_ms": 3000}, {"device": "cuff-2"}):
        [apart] = call(SPOTS, "spotsOf", [value("nibp_sys", 128), {**value("nibp_dia", 79), **other}])
        assert apart["second"] is None


def test_of_two_devices_the_newer_value_is_shown_and_none_is_no_value(call: Call) -> None:
    scales = [value("weight", 80.1, 1000), value("weight", 79.8, 2000, device="scale-2")]
    found = call(SPOTS, "spotsOf", [*scales, value("glucose_cap", None), value("hr", 60)])
    assert [(one["metric"], one["value"]) for one in found] == [("weight", 79.8)]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["nibp_sys", "weight", "temp_body"]), st.integers(1, 10**6))))
def test_each_kind_is_there_once_the_newest_first(call: Call, told: list[tuple[str, int]]) -> None:
    found = call(SPOTS, "spotsOf", [value(metric, 1, at_ms) for metric, at_ms in told])
    newest = {metric: max(at for name, at in told if name == metric) for metric, _ in told}
    assert {one["metric"]: one["at_ms"] for one in found} == newest
    assert [one["at_ms"] for one in found] == sorted(newest.values(), reverse=True)
