"""Orders as items of a modality worklist, and the matching of PS3.4, table K.6-1."""

from collections.abc import Mapping
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest

from controller.patients.model import PatientFacts, Sex
from controller.radiology.model import ImagingOrder, Wanted
from controller.radiology.states import OrderState
from controller.radiology.worklist import Item, items, keys_with_values, matches

AT_MS = 1_795_699_800_000
"""2026-11-26 13:30 UTC."""


def item(
    name: str = "Müller, Anna",
    station: str = "CT1",
    known: Mapping[str, PatientFacts] | None = None,
    **more: Any,
) -> Item:
    wanted = Wanted("CT", "head", "fall", "stat", station, AT_MS)
    times = {"placed_ms": 0, "changed_ms": 0, "arrived_ms": None}
    who = {"identifier": "4711", "name": name, "bed": "bed-1", "placed_by": "anna", "changed_by": "anna"}
    made = {"id": 1, "accession": "WL1", "study": "2.25.1", "revision": 1, **who, **times, **more}
    order = ImagingOrder(wanted=wanted, state=OrderState.ACTIVE, **made)
    [told] = items([order], 0, UTC, known=known or {})
    return told


def step(**keys: str) -> dict[str, Any]:
    """The key of a Scheduled Procedure Step."""
    tags = {"title": "00400001", "date": "00400002", "time": "00400003", "modality": "00080060"}
    inner = {tags[name]: {"vr": "LO", "Value": [value]} for name, value in keys.items()}
    return {"00400100": {"vr": "SQ", "Value": [inner]}}


def key(tag: str, *values: Any, vr: str = "LO") -> dict[str, Any]:
    return {tag: {"vr": vr, "Value": list(values)}}


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, True),
        (key("00100020", "4711"), True),
        (key("00100020", "471"), False),
        (key("00100020", "47*"), True),
        (key("00100010", {"Alphabetic": "MULLER^A*"}, vr="PN"), True),
        (key("00100010", {"Alphabetic": "Meier*"}, vr="PN"), False),
        (key("0020000D", "1.2", "2.25.1", vr="UI"), True),
        (key("0020000D", "2.25.*", vr="UI"), False),
        (key("00080050"), True),
        (key("00189999", "unknown to us"), True),
        (step(title="CT1"), True),
        (step(title="CT2"), False),
        (step(modality="MR"), False),
        (step(title="CT1", modality="CT", date="20261126"), True),
        (step(date="20261127"), False),
        (step(date="20261120-20261126"), True),
        (step(date="20261127-"), False),
        (step(date="-20261126"), True),
        (step(time="1300-1330"), True),
        (step(time="1331-"), False),
        (step(date="20261126", time="-1200"), False),
        (step(date="20261125-20261127", time="100000-110000"), True),
        (step(date="20261125-20261126", time="100000-110000.5"), False),
        (step(date="20261126-20261127", time="140000-150000"), False),
    ],
)
def test_an_item_is_matched_as_the_table_says(keys: dict[str, Any], expected: bool) -> None:
    """A date and a time that are both ranges are one span, from then until then."""
    assert matches(item(), keys) is expected


def test_what_is_for_any_device_is_for_whichever_asks() -> None:
    assert matches(item(station=""), step(title="US7"))
    assert not matches(item(station="CT1"), step(title="US7"))


def test_times_are_of_the_zone_of_the_house() -> None:
    order = item()
    wanted = Wanted("CT", "head", "fall", "asap", "", AT_MS)
    names = {"identifier": "1", "name": "A", "bed": "b", "placed_by": "x", "changed_by": "x"}
    numbers = {"id": 1, "accession": "A", "study": "2.25.1", "revision": 1}
    rest = {"placed_ms": 0, "changed_ms": 0, "arrived_ms": None}
    made = ImagingOrder(wanted=wanted, state=OrderState.ACTIVE, **names, **numbers, **rest)
    [told] = items([made], 3_600_000, timezone(timedelta(hours=8)))
    held = told["00400100"]["Value"][0]
    assert (held["00400002"]["Value"], held["00400003"]["Value"]) == (["20261126"], ["223000"])
    assert told["00401003"]["Value"] == ["HIGH"]
    assert order["00400100"]["Value"][0]["00400003"]["Value"] == ["133000"]


@pytest.mark.parametrize("state", OrderState)
def test_only_what_is_active_is_to_be_done(state: OrderState) -> None:
    wanted = Wanted("CT", "head", "fall", "asap", "", AT_MS)
    names = {"identifier": "1", "name": "A", "bed": "b", "placed_by": "x", "changed_by": "x"}
    numbers = {"id": 1, "accession": "A", "study": "2.25.1", "revision": 1}
    rest = {"placed_ms": 0, "changed_ms": 0, "arrived_ms": None}
    made = ImagingOrder(wanted=wanted, state=state, **names, **numbers, **rest)
    assert len(items([made], 0)) == (state is OrderState.ACTIVE)


def born(birth_date: str | None, sex: Sex | None) -> Item:
    """An item of a patient of whom this is known."""
    nothing = {"allergies": (), "no_known_allergies": None, "weight": None, "height": None}
    rest = {"creatinine": None, "ward": None, "revision": 1}
    facts = PatientFacts("4711", "Muster, Anna", birth_date, sex, **nothing, **rest)  # type: ignore[arg-type]
    return item(known={"4711": facts})


def test_birth_date_and_sex_are_those_of_the_register_and_empty_where_they_are_unknown() -> None:
    known, half, nothing = born("1950-03-02", "female"), born("1950-03", "unknown"), item()
    assert (known["00100030"]["Value"], known["00100040"]["Value"]) == (["19500302"], ["F"])
    assert [one[tag] for one in (half, nothing) for tag in ("00100030", "00100040")] == [
        *({"vr": "DA"}, {"vr": "CS"}),
        *({"vr": "DA"}, {"vr": "CS"}),
    ]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (key("00100030", "19500302", vr="DA"), True),
        (key("00100030", "19500303", vr="DA"), False),
        (key("00100030", "19500101-19501231", vr="DA"), True),
        (key("00100030", "19500303-", vr="DA"), False),
        (key("00100030", "-19500302", vr="DA"), True),
        (key("00100030", vr="DA"), True),
        (key("00100040", "F", vr="CS"), True),
        (key("00100040", "M", vr="CS"), False),
    ],
)
def test_birth_date_and_sex_are_matched(keys: dict[str, Any], expected: bool) -> None:
    """Of a patient of whom they are unknown only what asks for any is met."""
    assert matches(born("1950-03-02", "female"), keys) is expected
    assert matches(item(), keys) is not any(one.get("Value") for one in keys.values())


def test_keys_without_a_value_only_ask_to_be_returned() -> None:
    keys = {**key("00100020"), **key("00100010", {}, vr="PN"), **step(title=""), **key("00080050", "WL1")}
    assert keys_with_values(keys) == key("00080050", "WL1")
    assert keys_with_values(step(title="CT1", date="")) == step(title="CT1")
