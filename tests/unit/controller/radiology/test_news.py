"""News of orders and reports: of a patient of another ward nobody hears."""

from controller.view import shown


def test_only_those_who_see_the_bed_are_told() -> None:
    data = {"server_ms": 1, "items": [{"bed": "bed-1"}]}
    assert shown("radiology", data, frozenset({"bed-1", "bed-2"})) == data
    assert shown("radiology", data, frozenset({"bed-2"})) is None
