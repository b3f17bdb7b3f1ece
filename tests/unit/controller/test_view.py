"""What a view shows of the hub's events."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.view import WHOLE, View, shown, snapshot_of

WARDS, PATIENTS = ("w-1", "w-2", "w-3"), ("P1", "P2", "P3", "P4")
beds = st.lists(
    st.builds(
        lambda number, ward, patient: {
            "id": f"bed-{number}",
            "ward": ward,
            "patient": patient and {"identifier": patient, "name": f"name of {patient}"},
        },
        st.integers(0, 9),
        st.sampled_from(WARDS),
        st.sampled_from((None, *PATIENTS)),
    ),
    unique_by=lambda bed: bed["id"],
    max_size=8,
)
views = st.builds(
    View, st.frozensets(st.sampled_from(WARDS)), st.frozensets(st.sampled_from(PATIENTS), max_size=1)
)
KINDS = st.sampled_from(["values", "wave", "scores", "device", "alert", "break-glass"])


def bed(name: str, ward: str, patient: str | None = None) -> dict[str, Any]:
    return {"id": name, "ward": ward, "patient": patient and {"identifier": patient, "name": patient}}


def whole(of: list[dict[str, Any]]) -> dict[str, Any]:
    at = [{"bed": one["id"], "secret": one["id"]} for one in of]
    wards = [{"id": ward, "name": ward} for ward in WARDS]
    lists = {key: [*at, {"bed": None}] for key in ("devices", "values", "alerts")}
    of_beds = {"beds": of, "break_glass": at, "scores": at}
    return {"server_ms": 1, "ward": wards[0], "wards": wards, **of_beds, **lists}


def test_a_view_of_no_named_ward_is_of_all() -> None:
    assert WHOLE.shows("anything", None)


def test_a_patient_whose_glass_is_broken_is_seen_and_their_neighbour_is_not() -> None:
    view = View(frozenset({"w-1"}), frozenset({"P2"}))
    seen = view.beds([bed("1", "w-1"), bed("2", "w-2", "P2"), bed("3", "w-2", "P3"), bed("4", "w-2")])
    assert seen == {"1", "2"}


def test_once_the_patient_has_left_nobody_sees_who_lies_there_next() -> None:
    view = View(frozenset(), frozenset({"P2"}))
    assert view.beds([bed("2", "w-2", "P2")]) == {"2"}
    assert view.beds([bed("2", "w-2", "P3")]) == frozenset()


def test_values_of_a_device_on_no_bed_are_somebody_unknown_s_and_its_place_is_everyone_s() -> None:
    assert shown("values", {"items": [{"bed": None}]}, frozenset({"1"})) is None
    assert shown("device", {"items": [{"bed": None}]}, frozenset({"1"})) == {"items": [{"bed": None}]}


def test_events_that_are_about_no_bed_pass() -> None:
    for kind in ("time", "gateway"):
        assert shown(kind, {"items": [{"id": "gw"}]}, frozenset()) == {"items": [{"id": "gw"}]}


def test_the_end_of_a_look_is_told_with_an_empty_list() -> None:
    assert shown("break-glass", {"items": [{"bed": "9"}]}, frozenset({"1"})) == {"items": []}


@given(beds, views)
def test_a_snapshot_names_nothing_of_a_bed_that_is_not_seen(of: list[dict[str, Any]], view: View) -> None:
    data = whole(of)
    before = repr(data)
    seen = view.beds(of)
    cut = snapshot_of(data, seen)
    assert {one["id"] for one in cut["beds"]} == seen
    for key in ("devices", "values", "alerts", "break_glass", "scores"):
        assert {item["bed"] for item in cut[key]} <= seen | {None}
    assert {ward["id"] for ward in cut["wards"]} == {one["ward"] for one in of if one["id"] in seen}
    assert cut["ward"] in (None, *cut["wards"])
    assert repr(data) == before


@given(beds, views, KINDS)
def test_an_event_has_every_item_that_is_seen_and_no_other(
    of: list[dict[str, Any]], view: View, kind: str
) -> None:
    items = [{"bed": one["id"]} for one in of]
    seen = view.beds(of)
    cut = shown(kind, {"items": items}, seen)
    told = [] if cut is None else cut["items"]
    assert told == [item for item in items if item["bed"] in seen]
