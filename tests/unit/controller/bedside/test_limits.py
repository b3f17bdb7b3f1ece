"""Limits of one patient in a ward: asked until every box says so, refused with why, ended with the stay."""

import json

import pytest

from controller.errors import Conflict
from controller.limits import Pending
from tests.support.ward_box import WardBox, with_classes
from tests.unit.controller.bedside.conftest import ANN, BEN, KIM, Ward


async def test_what_was_asked_is_shown_as_asked_until_the_box_says_that_it_holds(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.a.hear()
    await ward.move("85")
    shown = await ward.shown()
    assert (shown["value"], shown["usual"]) == (None, 90)
    assert (shown["asked"].value, shown["asked"].by, shown["asked"].state) == ("85", "kim", Pending.SENT)
    assert shown["asked"].waits == ("ward-a",)
    assert ward.a.limit("spo2-low", "bed-1") == "90"
    await ward.a.hear()
    shown = await ward.shown()
    assert (shown["value"], shown["by"], shown["asked"]) == (85, "kim", None)
    assert ward.a.limit("spo2-low", "bed-1") == "85"
    await ward.move("")
    assert (await ward.shown())["asked"].value == ""
    await ward.a.hear()
    shown = await ward.shown()
    assert (shown["value"], shown["asked"]) == (None, None)


async def test_one_of_two_boxes_that_has_not_heard_it_keeps_it_asked(ward: Ward) -> None:
    await ward.registry.assign("ox-2", "bed-1", "kim", move=True)
    await ward.admit(ANN)
    await ward.move("85")
    await ward.a.hear()
    assert (await ward.shown())["asked"].waits == ("ward-b",)
    assert (await ward.shown())["value"] is None, "it does not hold everywhere"
    boxes = (await ward.present())["ward"]["boxes"]
    assert [(one["gateway"], one["class"]) for one in boxes] == [("ward-a", "adult"), ("ward-b", None)]
    await ward.b.hear()
    assert (await ward.shown())["asked"] is None
    assert ward.b.limit("spo2-low", "bed-2", "ox-2") == "85"


async def test_what_the_box_refuses_is_shown_with_why_and_nothing_holds(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("50")
    await ward.a.hear()
    shown = await ward.shown()
    assert (shown["value"], shown["asked"].state) == (None, Pending.REFUSED)
    assert shown["asked"].why == "ward-a: spo2-low of adult: expected 80 to 96, got 50"
    await ward.move("85")
    assert (await ward.shown())["asked"].state is Pending.SENT
    await ward.a.hear()
    assert (await ward.shown())["value"] == 85


async def test_with_the_patient_limits_and_class_end(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("85")
    await ward.limits.choose("bed-1", "P-ANN", "child", KIM)
    await ward.a.hear()
    ward.desk.clock.at_us += 1_000_000
    await ward.admit(BEN)
    held = await ward.present()
    assert (held["patient"], held["class"], held["ward"]["chosen"]) == ("P-BEN", "adult", "")
    assert [one["class"] for one in held["ward"]["boxes"]] == [None], "it has not heard of Ben"
    assert {(one["value"], one["asked"]) for one in held["limits"]} == {(None, None)}
    await ward.a.hear()
    assert ward.a.limit("spo2-low", "bed-1") == "90"
    assert [one["class"] for one in (await ward.present())["ward"]["boxes"]] == ["adult"]


async def test_a_limit_meant_for_another_patient_is_refused(ward: Ward) -> None:
    await ward.admit(BEN)
    with pytest.raises(Conflict, match="another is"):
        await ward.move("85", patient="P-ANN")
    with pytest.raises(Conflict, match="another is"):
        await ward.limits.choose("bed-1", "P-ANN", "child", KIM)
    with pytest.raises(Conflict, match="expected a patient"):
        await ward.move("85", bed="bed-2", patient="P-BEN")
    with pytest.raises(Conflict, match="expected the limit of one of"):
        await ward.move("85", code="no-such", patient="P-BEN")
    assert await ward.store.read("SELECT * FROM stay_limit") == []


async def test_the_class_is_the_beds_until_somebody_chooses_it_for_this_patient(ward: Ward) -> None:
    ward.a.config = with_classes(bed_1="neonate")
    ward.a.restart()
    await ward.a.tell()
    await ward.admit(ANN)
    held = await ward.present()
    assert (held["class"], held["ward"]["usual"], held["ward"]["chosen"]) == ("neonate", "neonate", "")
    await ward.limits.choose("bed-1", "P-ANN", "child", KIM)
    held = await ward.present()
    assert (held["class"], held["ward"]["usual"], held["ward"]["chosen"]) == ("child", "neonate", "child")
    assert (held["ward"]["asked"].value, held["ward"]["asked"].waits) == ("child", ("ward-a",))
    await ward.a.hear()
    assert (await ward.present())["ward"]["asked"] is None
    assert ward.a.whose("bed-1")["class"] == "child"
    await ward.limits.choose("bed-1", "P-ANN", "", KIM)
    assert (await ward.present())["class"] == "child", "by which the box still judges"
    await ward.a.hear()
    assert ward.a.whose("bed-1")["class"] == "neonate"
    assert (await ward.present())["class"] == "neonate"


async def test_limits_that_another_class_does_not_allow_go_and_that_is_shown(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("55", "hr-low")
    await ward.move("85")
    await ward.a.hear()
    await ward.limits.choose("bed-1", "P-ANN", "neonate", KIM)
    await ward.a.hear()
    low, spo2 = await ward.shown("hr-low"), await ward.shown()
    assert (low["value"], low["ended"], low["usual"], low["asked"]) == (None, 55, 100, None)
    assert (spo2["value"], spo2["ended"]) == (85, None)
    assert ward.a.limit("hr-low", "bed-1") == "100"
    await ward.move("80", "hr-low")
    assert (await ward.shown("hr-low"))["ended"] is None


async def test_a_box_that_comes_to_the_bed_gets_the_same(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("85")
    await ward.a.hear()
    await ward.registry.assign("ox-2", "bed-1", "kim", move=True)
    assert (await ward.shown())["asked"].waits == ("ward-b",)
    await ward.b.hear()
    assert (await ward.shown())["asked"] is None


async def test_a_box_with_too_old_software_at_the_bed_keeps_it_asked(ward: Ward) -> None:
    await ward.registry.add_gateway("old", "old")
    old = WardBox(ward.store, ward.desk.clock, ward.a.folder / "old", "old")
    await ward.serve(old, "ox-9", "bed-1")
    await ward.admit(ANN)
    await ward.move("85")
    await ward.a.hear()
    assert (await ward.shown())["asked"].waits == ("old",)
    assert (await ward.present())["ward"]["boxes"][0] == {"gateway": "old", "usual": None, "class": None}


async def test_what_the_box_says_after_a_restart_is_the_same(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("85")
    await ward.a.hear()
    ward.a.restart()
    assert ward.a.limit("spo2-low", "bed-1") == "85"
    await ward.a.tell()
    shown = await ward.shown()
    assert (shown["value"], shown["by"], shown["asked"]) == (85, "kim", None)


async def test_who_moved_what_is_in_the_trail_of_that_patient(ward: Ward) -> None:
    await ward.admit(ANN)
    await ward.move("85")
    await ward.limits.choose("bed-1", "P-ANN", "neonate", KIM)
    query = "SELECT entry FROM audit WHERE entry LIKE '%move-limit%' OR entry LIKE '%classify-patient%'"
    rows = [json.loads(row[0]) for row in await ward.store.read(query)]
    assert [(one["action"], one["actor"], one["patient"], one["where"]) for one in rows] == [
        ("move-limit", "kim", "P-ANN", "10.0.0.9"),
        ("classify-patient", "kim", "P-ANN", "10.0.0.9"),
    ]
    assert rows[0]["detail"] == {"code": "spo2-low", "value": "85"}
    assert rows[1]["detail"] == {"class": "neonate", "ended": ""}
