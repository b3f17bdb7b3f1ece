"""A delay is from the turn to what really follows from it on the board, and what never comes is counted."""

import pytest

from hil.dials.board import BoardView
from hil.dials.delays import PATIENCE_S, Delays, lines
from hil.dials.turns import Setting, Turn

BEDS = {"ox-1": "bed-1", "hr-1": "bed-1", "hr-2": "bed-2"}
MS = 1_000_000


class Times:
    """A controller and a bench with one clock."""

    def __init__(self) -> None:
        self.s = 0.0
        self.delays = Delays(lambda: self.s, BEDS)
        self.board = BoardView(self.delays.look, clock=lambda: self.s)
        self.told("time", {})

    def told(self, kind: str, data: dict[str, object]) -> None:
        self.board.take(kind, {"server_ms": MS + round(1000 * self.s), **data})

    def value(
        self, metric: str, value: float | None, device: str = "ox-1", at_s: float | None = None
    ) -> None:
        at_ms = MS + round(1000 * (self.s if at_s is None else at_s))
        self.told("values", {"items": [{"device": device, "metric": metric, "value": value, "at_ms": at_ms}]})

    def alert(self, code: str, device: str = "ox-1", active: bool = True) -> None:
        self.told("alert", {"items": [{"code": code, "device": device, "gateway": "g", "active": active}]})

    def device(self, **now: object) -> None:
        self.told("device", {"items": [{"id": "ox-1", **now}]})

    def turn(self, dial: str, value: Setting, device: str | None = None) -> None:
        self.delays.turned(Turn(bed="bed-1", device=device, dial=dial, value=value), self.s, self.board)

    def measured(self) -> list[tuple[str, float | None]]:
        return [(one["kind"], one["seconds"]) for one in self.delays.last]


@pytest.fixture
def times() -> Times:
    return Times()


def test_a_value_counts_when_it_is_what_the_dial_says_and_was_measured_after_it(times: Times) -> None:
    times.value("spo2", 82.0)
    times.s = 1.0
    times.turn("spo2", 82)
    times.s = 1.2
    times.value("spo2", 82.0, at_s=0.9)  # of before, though it says the same
    times.value("spo2", 97.0)
    times.value("spo2", 82.0, device="hr-2")  # of another bed
    assert times.measured() == []
    times.s = 1.5
    times.value("spo2", 82.4)
    assert times.measured() == [("spo2", 0.5)]


@pytest.mark.parametrize(
    ("fault", "follows", "ends"),
    [
        ("cut", {"connected": False}, {"connected": True}),
        ("away", {"connected": False}, {"connected": True}),
    ],
)
def test_a_lost_link_and_its_return_are_measured(
    times: Times, fault: str, follows: dict[str, object], ends: dict[str, object]
) -> None:
    times.device(connected=True)
    times.turn(fault, True, "ox-1")
    assert times.measured() == []
    times.s = 0.3
    times.device(**follows)
    times.turn(fault, False, "ox-1")
    times.s = 1.0
    times.device(**ends)
    assert times.measured() == [(fault, 0.3), (fault, 0.7)]


def test_a_sensor_that_is_off_is_shown_by_no_value_and_on_by_a_value(times: Times) -> None:
    times.turn("sensor_off", True, "ox-1")
    times.s = 1.0
    times.value("spo2", 97.0)
    times.s = 2.0
    times.value("spo2", None)
    times.turn("sensor_off", False, "ox-1")
    times.s = 4.5
    times.value("spo2", 97.0)
    assert times.measured() == [("sensor_off", 2.0), ("sensor_off", 2.5)]


def test_a_frozen_device_is_shown_by_its_technical_alarm(times: Times) -> None:
    times.turn("frozen", True, "ox-1")
    times.s = 10.0
    times.alert("value-stale")
    assert times.measured() == [("frozen", 10.0), ("alarm", 10.0)]


def test_a_battery_is_shown_by_its_percentage(times: Times) -> None:
    times.turn("battery", 4, "ox-1")
    times.device(battery_percent=93)
    times.s = 0.2
    times.device(battery_percent=4)
    assert times.measured() == [("battery", 0.2)]


def test_the_first_new_alarm_of_the_bed_counts_for_the_last_turn_there(times: Times) -> None:
    times.alert("spo2-low")
    times.turn("temperature", 40)
    times.s = 1.0
    times.turn("heart_rate", 150)
    times.s = 2.0
    times.alert("hr-high", "hr-2")  # another bed
    times.alert("spo2-low")  # there before
    times.s = 6.0
    times.alert("hr-high", "hr-1")
    alarms = [(one["turn"]["dial"], one["seconds"], one["code"]) for one in times.delays.last]
    assert alarms == [("heart_rate", 5.0, "hr-high")]


def test_what_does_not_come_is_counted_as_missed_once(times: Times) -> None:
    times.turn("spo2", 82)
    times.s = PATIENCE_S + 0.1
    times.delays.look(times.board)
    times.delays.look(times.board)
    [row] = times.delays.table()
    assert (row["kind"], row["count"], row["missed"], row["median"]) == ("spo2", 0, 1, None)


def test_a_dial_that_is_turned_on_before_it_was_shown_is_waited_for_no_more(times: Times) -> None:
    times.turn("spo2", 82)
    times.s = 1.0
    times.turn("spo2", 81)
    times.s = 2.0
    times.value("spo2", 81.0)
    assert times.measured() == [("spo2", 1.0)]


def test_the_table_has_a_percentile_only_of_enough(times: Times) -> None:
    for n in range(1, 21):
        times.turn("spo2", 80 + n % 2)
        times.s += n / 10
        times.value("spo2", 80.0 + n % 2)
        assert (times.delays.table()[0]["p95"] is None) == (n < 20)
    [row] = times.delays.table()
    assert (row["count"], row["least"], row["median"], row["most"]) == (20, 0.1, 1.05, 2.0)
    assert 1.9 <= row["p95"] <= 2.0
    [line] = lines(times.delays.table())
    assert line.startswith("  spo2: 20 measured; least 0.10 s, median 1.05 s, p95 ")
