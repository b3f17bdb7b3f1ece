"""Asking for green lights in the words of SAE J2735: what is said, when, and what is taken for an answer."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.arrivals.globe import Point, moved
from controller.arrivals.position import Position, State
from controller.arrivals.priority import LARGEST, REACH_M, Asking, Status, read_status
from controller.arrivals.streets import Approach

UTC_US = 1_767_225_600_000_000 + 90_500_000
"""90.5 s after the beginning of 2026."""
LINE = Point(54.51, 4.02)
LIGHTS = Approach(0, 101, 2, 90.0, "Bridge Street / Market Street", LINE)
OPPOSITE = Approach(0, 101, 4, 270.0, "Bridge Street / Market Street", moved(LINE, 90, 25))


def before(
    metres: float, course: float | None = 90.0, state: State = State.FIXED, kmh: float = 36
) -> Position:
    """So many metres before the stop line, which is to the east; negative: past it."""
    point = moved(LINE, 270, metres)
    return Position(state, point, UTC_US, 10.0, kmh, course)


def kinds(message: dict[str, Any] | None) -> list[str]:
    return [one["request"]["requestType"] for one in message["requests"]] if message else []


def test_a_request_has_the_fields_and_units_of_j2735() -> None:
    asking = Asking("amb-1", [LIGHTS])
    message = asking.look(before(200), UTC_US)
    assert message
    [package] = message["requests"]
    assert {name: message[name] for name in ("timeStamp", "second", "sequenceNumber")} == {
        "timeStamp": 1,
        "second": 30_500,
        "sequenceNumber": 0,
    }
    assert package["request"] == {
        "id": {"region": 0, "id": 101},
        "requestID": 1,
        "requestType": "priorityRequest",
        "inBoundLane": {"approach": 2},
    }
    assert (package["minute"], package["duration"]) == (1, 4_000)
    assert 50_400 <= package["second"] <= 50_600  # 200 m at 10 m/s
    who = message["requestor"]
    assert who["id"] == {"stationID": asking.station}
    assert (who["type"], who["name"]) == ({"role": "ambulance"}, "amb-1")
    assert who["position"]["heading"] == 7_200  # 90°
    assert who["position"]["speed"] == {"transmisson": "unavailable", "speed": 500}  # 10 m/s
    assert who["position"]["position"]["lat"] == round(LINE.latitude * 1e7)
    assert 39_960_000 < who["position"]["position"]["long"] < 40_000_000 + 200_000


def test_it_is_asked_for_once_then_updated_and_cancelled_behind_the_line() -> None:
    asking = Asking("amb-1", [LIGHTS, OPPOSITE])
    assert kinds(asking.look(before(REACH_M + 20), UTC_US)) == []
    assert kinds(asking.look(before(REACH_M - 20), UTC_US)) == ["priorityRequest"]
    assert kinds(asking.look(before(100), UTC_US)) == ["priorityRequestUpdate"]
    cancelled = asking.look(before(-20), UTC_US)
    assert kinds(cancelled) == ["priorityCancellation"]
    assert cancelled and cancelled["requests"][0]["request"]["requestID"] == 1
    assert cancelled["sequenceNumber"] == 2
    assert asking.look(before(-30), UTC_US) is None


def test_only_who_drives_towards_the_line_in_its_direction_asks() -> None:
    for course in (0.0, 180.0, 270.0):
        assert Asking("amb-1", [LIGHTS]).look(before(100, course), UTC_US) is None
    assert kinds(Asking("amb-1", [LIGHTS]).look(before(100, 80.0), UTC_US)) == ["priorityRequest"]


def test_who_turns_away_cancels_and_who_waits_at_the_line_does_not() -> None:
    asking = Asking("amb-1", [LIGHTS])
    asking.look(before(100), UTC_US)
    assert kinds(asking.look(before(20, None, kmh=0), UTC_US)) == ["priorityRequestUpdate"]
    assert kinds(asking.look(before(20, 0.0), UTC_US)) == ["priorityCancellation"]


def test_a_reckoned_position_begins_nothing_but_keeps_what_was_asked_for() -> None:
    asking = Asking("amb-1", [LIGHTS])
    assert asking.look(before(200, state=State.RECKONED), UTC_US) is None
    asking.look(before(190), UTC_US)
    assert kinds(asking.look(before(150, state=State.RECKONED), UTC_US)) == ["priorityRequestUpdate"]
    lost = replace(before(100), state=State.LOST, radius_m=None)
    assert kinds(asking.look(lost, UTC_US)) == ["priorityCancellation"]
    assert asking.look(None, UTC_US) is None


def test_the_end_of_the_run_cancels_everything() -> None:
    asking = Asking("amb-1", [LIGHTS, replace(LIGHTS, intersection=102)])
    asking.look(before(100), UTC_US)
    assert kinds(asking.end(UTC_US)) == ["priorityCancellation"] * 2
    assert asking.end(UTC_US) is None


def answer(station: int, request: int, intersection: int, status: str) -> bytes:
    requester = {"id": {"stationID": station}, "request": request, "sequenceNumber": 0}
    package = {"requester": requester, "inboundOn": {"approach": 2}, "status": status}
    at = {"sequenceNumber": 1, "id": {"region": 0, "id": intersection}, "sigStatus": [package]}
    return json.dumps({"timeStamp": 1, "second": 30_000, "status": [at]}).encode()


def test_an_answer_counts_for_the_request_that_it_names_and_no_other() -> None:
    asking = Asking("amb-1", [LIGHTS])
    asking.look(before(100), UTC_US)
    [held] = asking.asked.values()
    for station, request, intersection in ((1, 1, 101), (asking.station, 2, 101), (asking.station, 1, 102)):
        [told] = read_status(answer(station, request, intersection, "granted")) or []
        assert not asking.answered(told)
    assert held.status is None
    assert read_status(answer(asking.station, 1, 101, "granted")) == [
        Status(asking.station, 1, 0, 101, "granted")
    ]
    for status in ("granted", "rejected"):
        [told] = read_status(answer(asking.station, 1, 101, status)) or []
        assert asking.answered(told)
        assert held.status == status


_JSON = st.dictionaries(st.text(max_size=8), st.integers()).map(lambda one: json.dumps(one).encode())


@settings(max_examples=40)
@given(st.binary() | _JSON)
def test_what_is_no_answer_is_none_and_raises_nothing(payload: bytes) -> None:
    assert read_status(payload) is None


def test_a_status_nobody_knows_or_a_message_too_large_is_none() -> None:
    assert read_status(answer(1, 1, 101, "green")) is None
    assert read_status(answer(1, 1, 101, "granted") + b" " * LARGEST) is None


@given(
    metres=st.floats(-500, 500),
    course=st.none() | st.floats(0, 359.999),
    kmh=st.floats(0, 250),
    utc_us=st.integers(0, 4_000_000_000_000_000),
)
@settings(max_examples=40)
def test_every_number_is_within_its_range(
    metres: float, course: float | None, kmh: float, utc_us: int
) -> None:
    asking = Asking("amb-1", [LIGHTS, OPPOSITE])
    asking.look(before(100), utc_us)
    message = asking.look(before(metres, course, kmh=kmh), utc_us)
    assert message
    assert 0 <= message["timeStamp"] <= 527_040
    assert 0 <= message["second"] < 60_000
    for package in message["requests"]:
        assert 0 <= package.get("minute", 0) <= 527_040
        assert 0 <= package.get("second", 0) < 60_000
        assert 4_000 <= package.get("duration", 4_000) <= 60_000
    place = message["requestor"]["position"]
    assert 0 <= place.get("heading", 0) < 28_800
    assert 0 <= place["speed"]["speed"] <= 8_190
