"""What a crew may tell: known words, within their bounds."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.errors import BadCrew
from devices.model.crew import CHECKLISTS, TOLD, assessed, check_told
from devices.model.observation import EventKind

Detail = dict[str, str | int]
ALWAYS: Detail = {"event": "0" * 16, "vehicle": "amb-1", "by": "Kim", "stay": "1" * 16}
PICTURE: Detail = {
    "digest": "0" * 64,
    "size": 1,
    "media": "image/jpeg",
    "kind": "camera",
    "clock": "free",
}
GOOD: list[tuple[EventKind, Detail]] = [
    (EventKind.PATIENT, {"action": "begin", "sex": "male", "age": 60, "class": "adult"}),
    (EventKind.PATIENT, {"action": "identify", "identifier": "P-17", "name": "示例 病人"}),
    (EventKind.PATIENT, {"action": "end"}),
    (EventKind.MARK, {"code": "drug-given", "text": "adrenaline 1 mg"}),
    (EventKind.MARK, {"code": "defibrillation"}),
    (EventKind.ASSESSMENT, {"kind": "gcs", "value": '{"eye": 1, "verbal": null, "motor": 6}'}),
    (EventKind.CHECKLIST, {"list": "stroke", "item": "face", "done": 1}),
    (EventKind.REQUEST, {"id": "2" * 16, "resource": "cath-lab", "note": ""}),
    (EventKind.INSTRUCTION, {"id": "2" * 16, "state": "acknowledged"}),
    (EventKind.HANDOVER, {"state": "offered", "to": "ER 2, 李护士"}),
    (EventKind.HANDOVER, {"state": "withdrawn"}),
    (EventKind.PICTURE, PICTURE),
    (EventKind.PICTURE, {**PICTURE, "shows": "左手", "error_ms": 0}),
]


@pytest.mark.parametrize(("kind", "detail"), GOOD)
def test_what_a_crew_tells_in_these_words_is_good(kind: EventKind, detail: Detail) -> None:
    check_told(kind, ALWAYS | detail)


@pytest.mark.parametrize(("kind", "detail"), GOOD)
def test_each_says_of_which_vehicle_and_stay_it_is_and_by_whom(kind: EventKind, detail: Detail) -> None:
    for name in ALWAYS:
        with pytest.raises(BadCrew, match=f"expected {name}, it is missing"):
            check_told(kind, {key: value for key, value in (ALWAYS | detail).items() if key != name})


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        (EventKind.PATIENT, {"action": "admit"}),
        (EventKind.PATIENT, {"action": "begin", "age": 151}),
        (EventKind.PATIENT, {"action": "begin", "age": -1}),
        (EventKind.PATIENT, {"action": "begin", "name": "a\nb"}),
        (EventKind.PATIENT, {"action": "begin", "weight": 70}),
        (EventKind.MARK, {"code": "lunch"}),
        (EventKind.MARK, {"code": "note", "text": "x" * 501}),
        (EventKind.MARK, {"code": "note", "by": ""}),
        (EventKind.CHECKLIST, {"list": "stroke", "item": "oxygen", "done": 1}),
        (EventKind.CHECKLIST, {"list": "stroke", "item": "face", "done": 2}),
        (EventKind.REQUEST, {"id": "2" * 16, "resource": "helicopter", "note": ""}),
        (EventKind.REQUEST, {"id": "2" * 15, "resource": "bed", "note": ""}),
        (EventKind.INSTRUCTION, {"id": "2" * 16, "state": "read"}),
        (EventKind.ASSESSMENT, {"kind": "mood", "value": "{}"}),
        (EventKind.HANDOVER, {"state": "accepted"}),
        (EventKind.HANDOVER, {"state": "offered", "to": "a\nb"}),
        (EventKind.PICTURE, {**PICTURE, "digest": "0" * 63}),
        (EventKind.PICTURE, {**PICTURE, "size": 0}),
        (EventKind.PICTURE, {**PICTURE, "size": 16 * 1024 * 1024 + 1}),
        (EventKind.PICTURE, {**PICTURE, "media": "image/svg+xml"}),
        (EventKind.PICTURE, {**PICTURE, "kind": "x-ray"}),
        (EventKind.PICTURE, {**PICTURE, "clock": "sundial"}),
    ],
)
def test_any_other_word_is_refused(kind: EventKind, detail: Detail) -> None:
    with pytest.raises(BadCrew, match="expected"):
        check_told(kind, ALWAYS | detail)


def test_only_a_checklist_may_be_of_no_patient() -> None:
    check_told(EventKind.CHECKLIST, ALWAYS | {"list": "vehicle", "item": "oxygen", "done": 1} | {"stay": ""})
    with pytest.raises(BadCrew, match="stay"):
        check_told(EventKind.MARK, ALWAYS | {"code": "note", "stay": ""})


def test_every_item_of_every_list_can_be_ticked() -> None:
    for name, items in CHECKLISTS.items():
        for item in items:
            check_told(EventKind.CHECKLIST, ALWAYS | {"list": name, "item": item, "done": 1})


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("consciousness", {"acvpu": "C"}),
        ("oxygen", {"on": True, "l_min": 2.5}),
        ("oxygen", {"on": True, "l_min": None}),
        ("oxygen", {"on": False, "l_min": None}),
        ("scale", {"spo2": 2}),
        ("gcs", {"eye": 4, "verbal": 5, "motor": 6}),
    ],
)
def test_an_assessment_is_read_as_it_was_written(kind: str, found: dict[str, Any]) -> None:
    assert assessed(kind, json.dumps(found)) == found


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("consciousness", '{"acvpu": "X"}'),
        ("consciousness", '{"acvpu": "A", "more": 1}'),
        ("consciousness", '["A"]'),
        ("oxygen", '{"on": 1, "l_min": 2}'),
        ("oxygen", '{"on": false, "l_min": 2}'),
        ("oxygen", '{"on": true, "l_min": 0}'),
        ("oxygen", '{"on": true, "l_min": true}'),
        ("oxygen", '{"on": true, "l_min": NaN}'),
        ("oxygen", '{"on": true, "l_min": Infinity}'),
        ("scale", '{"spo2": 3}'),
        ("scale", '{"spo2": true}'),
        ("gcs", '{"eye": 0, "verbal": 5, "motor": 6}'),
        ("gcs", '{"eye": true, "verbal": 5, "motor": 6}'),
        ("gcs", '{"eye": 4, "verbal": 5}'),
        ("mood", "{}"),
        ("gcs", "{"),
        ("gcs", ""),
    ],
)
def test_any_other_assessment_is_refused(kind: str, value: str) -> None:
    with pytest.raises(BadCrew):
        assessed(kind, value)


ANY = st.one_of(st.text(), st.integers(), st.sampled_from(["begin", "amb-1", "gcs", "0" * 16, "{}", "[[[["]))


@given(
    kind=st.sampled_from(list(TOLD)),
    told=st.dictionaries(st.text() | st.sampled_from([*ALWAYS, "kind", "value", "list", "item"]), ANY),
)
def test_whatever_comes_is_good_or_refused_with_words(kind: EventKind, told: Detail) -> None:
    try:
        check_told(kind, told)
    except BadCrew as refused:
        assert "expected" in str(refused) or "assessment" in str(refused)
