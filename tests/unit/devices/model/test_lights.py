"""Traffic lights as a command carries them: what is spoken is heard, and nothing else is believed."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadCrew
from devices.model.lights import LONGEST, MOST, STATUSES, Light, heard, spoken
from devices.model.orders import CORRIDOR, check_command

NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=LONGEST)
LIGHTS = st.lists(st.builds(Light, NAMES, st.sampled_from(STATUSES)), max_size=MOST)


@given(LIGHTS)
def test_what_is_spoken_is_heard(lights: list[Light]) -> None:
    assert heard(spoken(lights)) == lights


def test_of_many_the_nearest_are_told_and_a_long_name_is_cut() -> None:
    lights = [Light(f"{n} {'x' * 100}", "granted") for n in range(5)]
    text = spoken(lights)
    assert [one.name[:2] for one in heard(text)] == ["0 ", "1 ", "2 "]
    check_command(CORRIDOR, {"vehicle": "amb-1", "lights": text})


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    with suppress(BadCrew):
        assert all(one.status in STATUSES for one in heard(text))


@pytest.mark.parametrize(
    "text", ["", "{}", "[1]", '[["a"]]', '[["a", "green"]]', "[" + '["a","granted"],' * 3]
)
def test_what_is_no_list_of_lights_is_refused(text: str) -> None:
    with pytest.raises(BadCrew):
        heard(text)
