"""Who lies where, as a configuration tells it: it reads as it was written, and nothing else is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadOrder
from devices.model.alarm_limits import CONDITIONS, PatientClass
from devices.model.lying import AT, BED, Lying, is_lying, lying, placed, without_lying
from devices.model.orders import check_settings
from devices.model.served import carried
from devices.wire.orders import Configuration, pack_configuration, read_configuration

KEYS = st.text("0123456789abcdef", min_size=16, max_size=16)
VALUES = st.tuples(st.integers(0, 999), st.integers(0, 9)).map(lambda one: f"{one[0]}.{one[1]}")
NAMES = st.text(st.characters(codec="utf-8"), max_size=100)
LIMITS = st.dictionaries(st.sampled_from(sorted(CONDITIONS)), st.tuples(VALUES, NAMES))
STAYS = st.builds(
    Lying, st.sampled_from(["bed-1", "3.a"]), KEYS, st.sampled_from(["", *PatientClass]), LIMITS
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda of: st.lists(of, max_size=3) | st.dictionaries(st.text(max_size=8), of, max_size=3),
)
STAY = "0123456789abcdef"


@given(STAYS)
def test_what_a_gateway_reads_is_what_was_written_also_over_the_wire(one: Lying) -> None:
    settings = {one.name: one.text, "log-level": "info"}
    check_settings(settings)
    sent = pack_configuration(Configuration("ward-a", 1, "controller:beds", 0, settings))
    assert lying(read_configuration(sent).settings) == (one,)


@given(st.text(max_size=60) | st.integers() | JSON.map(str))
def test_of_any_other_text_nothing_is_read(text: str | int) -> None:
    with pytest.raises(BadOrder):
        lying({"bed.bed-1": text})


@given(st.fixed_dictionaries({"stay": JSON, "class": JSON, "limits": JSON}))
def test_of_wrong_parts_nothing_is_read(told: dict[str, Any]) -> None:
    try:
        (read,) = lying({"bed.bed-1": json.dumps(told)})
    except BadOrder:
        return
    assert (read.stay, read.patient) == (told["stay"], told["class"])
    assert set(read.limits) == set(told["limits"])


@pytest.mark.parametrize(
    "settings",
    [
        {"bed.": Lying("", STAY).text},
        {"bed.BED 1": Lying("", STAY).text},
        {"bed.bed-1": '{"stay": "P-ANNA", "class": "", "limits": {}}'},
        {"bed.bed-1": f'{{"stay": "{STAY}", "class": "horse", "limits": {{}}}}'},
        {"bed.bed-1": f'{{"stay": "{STAY}", "class": "", "limits": {{"hr-high": ["-1", "kim"]}}}}'},
        {"bed.bed-1": f'{{"stay": "{STAY}", "class": "", "limits": {{"hr-high": "150"}}}}'},
        {"bed.bed-1": f'{{"stay": "{STAY}", "class": "", "limits": {{"hr-high": ["150", ["kim"]]}}}}'},
        {"bed.bed-1": 7},
        {"at.ox-1": "Bed 1"},
        {"at.ox-1": 1},
        {"at.": "bed-1"},
    ],
)
def test_what_is_no_stay_or_place_is_refused_with_the_whole_configuration(settings: dict[str, Any]) -> None:
    check_settings({BED + "bed-1": Lying("bed-1", STAY).text, AT + "ox-1": ""})
    with pytest.raises(BadOrder):
        check_settings(settings)


def test_a_place_is_a_bed_or_none() -> None:
    assert placed({"at.ox-1": "bed-2", "at.ox-2": "", "log-level": "info"}) == {"ox-1": "bed-2", "ox-2": ""}


def test_who_changes_something_else_takes_no_limits_away() -> None:
    one = Lying("bed-1", STAY, "child", {"hr-high": ("150", "kim")})
    before = {one.name: one.text, "at.ox-1": "bed-1", "log-level": "info"}
    after = carried(before, {"log-level": "debug"})
    assert after == {**before, "log-level": "debug"}
    assert without_lying(after) == {"log-level": "debug"}
    assert [name for name in after if is_lying(name)] == ["bed.bed-1", "at.ox-1"]
