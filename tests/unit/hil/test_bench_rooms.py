"""What the bench of rooms prints."""

from hil.bench.rooms.bench import Gathering, Measured, Narrow
from hil.bench.rooms.table import table


def test_each_room_and_each_narrow_network_has_a_row_with_the_ungoverned_beside_the_governed() -> None:
    rooms = [
        Gathering(2, False, [300.0], 5.0, 0, [30.0, 40.0], [35.0], [5.0], [1.0], 0),
        Gathering(6, True, [300.0, 900.0], 4.9, 1, [60.0], [], [8.0], [], 0),
    ]
    narrow = [
        Narrow(False, 120, "first", [600.0, 1100.0], 100, 9.0, 270, 4, [900.0]),
        Narrow(True, 120, "first", [50.0, 90.0], 100, 4.0, 180, 0, [200.0]),
    ]
    lines = list(table(Measured(5, rooms, ["8 parties by mesh: expected 7 pictures"], narrow)))
    assert "| 2 | from each to each | 300 | 5.0 | 0 | 40 / 40 | 35 / 35 | 5 / 5 | 1 / 1 |" in lines
    assert "| 6 | by the server | 900 | 4.9 | 1 | 60 / 60 | – | 8 / 8 | – |" in lines
    assert "Not measured: 8 parties by mesh: expected 7 pictures" in lines
    [row] = [one for one in lines if one.startswith("| 120 kbit/s, first 5 s")]
    assert "| 1100 / 1100 / 1100 | 90 / 90 / 90 | 2 of 100, 2 of 100 | 9.0, 270 | 4.0, 180 |" in row
