"""Devices in a configuration's settings: what a person writes is what a gateway serves, or is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadOrder
from devices.model.orders import check_settings
from devices.model.served import MOST, Served, served

NAMES = st.from_regex(r"[a-z0-9][a-z0-9.\-]{0,20}", fullmatch=True)
WHERE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)
DEVICES = st.builds(Served, NAMES, NAMES, WHERE, st.just("") | NAMES)


@given(st.lists(DEVICES, max_size=8, unique_by=(lambda one: one.id, lambda one: one.where.upper())))
def test_what_is_written_is_read_again(devices: list[Served]) -> None:
    settings = {one.name: one.text for one in devices}
    check_settings(settings)
    assert served(settings) == tuple(devices)


@given(st.dictionaries(st.text(max_size=30).map("device.".__add__), st.text(max_size=60) | st.integers()))
def test_anything_else_is_refused_in_words(settings: dict[str, str | int]) -> None:
    try:
        found = served(settings)
    except BadOrder as error:
        assert "expected" in str(error) or "keep one of them" in str(error)
    else:
        assert {one.name: one.text for one in found} == settings


@pytest.mark.parametrize("text", ["", "nonin-3230", "nonin-3230 a b c", "nonin-3230  bed-1", "N 1", 7])
def test_what_lacks_a_part_says_which_are_expected(text: str | int) -> None:
    with pytest.raises(BadOrder, match=r"device\.ox-2: expected PROFILE ADDRESS-OR-PORT \[BED\]"):
        check_settings({"device.ox-2": text})


def test_two_devices_at_one_place_are_refused() -> None:
    with pytest.raises(BadOrder, match="is that of ox-1"):
        served({"device.ox-1": "nonin-3230 aa:00:00:00:00:01", "device.ox-2": "nonin-3230 AA:00:00:00:00:01"})


def test_there_is_an_end_to_how_many() -> None:
    with pytest.raises(BadOrder, match=f"at most {MOST}"):
        served({f"device.d-{n}": f"nonin-xpod /dev/ttyUSB{n}" for n in range(MOST + 1)})


def test_other_settings_are_checked_as_ever() -> None:
    check_settings({"device.ox-1": "nonin-xpod /dev/ttyUSB0", "log-level": "debug"})
    with pytest.raises(BadOrder, match="log-level"):
        check_settings({"device.ox-1": "nonin-xpod /dev/ttyUSB0", "log-level": "loud"})
