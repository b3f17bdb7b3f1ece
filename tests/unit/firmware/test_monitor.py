"""What a person beside a node sees: names, values, units, ages, and what happened."""

from rich.console import Console

from devices.model.observation import Instant
from firmware.monitor import Monitor
from tests.support.node_board import Board


def watched(take: bool, seconds: int = 10) -> tuple[Monitor, Board, int]:
    board, sent = Board(), bytearray()
    monitor = Monitor(sent.extend, take)
    for ms in range(20, seconds * 1000, 20):
        up = board.turn(bytes(sent), ms)
        sent.clear()
        monitor.heard(up, Instant(ms * 1_000_000))
    return monitor, board, seconds * 1000


def lines(monitor: Monitor, ms: int) -> list[str]:
    console = Console(width=100, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    console.print(monitor.shown(Instant(ms * 1_000_000)))
    return console.export_text().splitlines()


def test_the_newest_value_is_shown_with_its_name_unit_and_age() -> None:
    monitor, _, ms = watched(take=True)
    shown = lines(monitor, ms + 1000)
    assert shown[0] == "manufacturer Wardlink  model bench  firmware 1  version 1"
    row = next(line for line in shown if line.startswith("o2_cylinder_pressure")).split()
    assert (row[2], row[3:]) == ("bar", ["1.2", "s"])


def test_without_being_told_to_it_answers_nothing_and_the_node_keeps_all() -> None:
    kept, took = watched(take=False), watched(take=True)
    assert kept[1].waiting > 40
    assert took[1].waiting < 5


def test_what_happened_is_shown_and_the_oldest_of_it_makes_room() -> None:
    monitor, board, ms = watched(take=True)
    for turn in range(20):
        board.say(f"line {turn}")
        monitor.heard(board.turn(b"", ms + 20 * turn), Instant((ms + 20 * turn) * 1_000_000))
    shown = "\n".join(lines(monitor, ms))
    assert "line 19" in shown
    assert "line 2\n" not in shown


def test_before_a_node_said_anything_that_is_told() -> None:
    assert lines(Monitor(lambda _: None), 0)[0] == "no node has said who it is"
