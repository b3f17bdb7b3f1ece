"""What the bench of drawing prints."""

from hil.bench.rooms.drawing import Drawing, table


def test_each_room_has_a_row_with_an_empty_message_beside_what_is_drawn() -> None:
    lines = list(table([Drawing(2, [10.0, 20.0, 60.0], [30.0], [])]))
    assert lines[2:] == ["| 2 | 20 / 60 / 60 | 30 / 30 / 30 | – |"]
