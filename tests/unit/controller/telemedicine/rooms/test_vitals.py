"""controller/telemedicine/rooms/vitals.py"""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.events import Event
from controller.items import new_device, new_gateway
from controller.telemedicine.rooms.vitals import Cut

BED = {"id": "bed-1", "ward": "ward-a", "name": "Bed 1", "patient": {"identifier": "P1", "name": "One"}}
KINDS = ("values", "wave", "alert", "device", "gateway", "scores", "crew", "radiology", "break-glass", "new")


def event(kind: str, **data: Any) -> Event:
    return Event("s1", 7, kind, orjson.dumps({"server_ms": 1000, **data}))


def device(name: str, bed: str | None, gateway: str) -> dict[str, Any]:
    return {**new_device(name), "bed": bed, "gateway": gateway}


def snapshot(*devices: dict[str, Any], kind: str = "snapshot", **more: Any) -> Event:
    gateways = [new_gateway(name) for name in ("gw-a", "gw-b")]
    of_nobody = {
        "values": [],
        "alerts": [],
        "metrics": {},
        "wards": ["a"],
        "break_glass": ["b"],
        "scores": ["c"],
    }
    told = {"session": "s1", "beds": [BED], "devices": devices, "gateways": gateways}
    return event(kind, **{**of_nobody, **told, **more})


def told(cut: Cut, what: Event) -> list[tuple[str, Any]]:
    return [(one.kind, orjson.loads(one.data)) for one in cut.take(what)]


def test_a_snapshot_has_the_patients_devices_their_gateways_and_no_more() -> None:
    [(kind, data)] = told(Cut(), snapshot(device("ox-1", "bed-1", "gw-a"), device("ox-2", None, "gw-b")))
    on_ward = [{**BED, "home": False}]
    assert (kind, data["beds"], [one["id"] for one in data["devices"]]) == ("snapshot", on_ward, ["ox-1"])
    assert [one["id"] for one in data["gateways"]] == ["gw-a"]
    assert (data["wards"], data["break_glass"], data["scores"]) == ([], [], [])
    assert not {"identity", "status", "bad"} & data["devices"][0].keys()


def test_it_is_told_that_a_place_is_the_patients_home() -> None:
    [(_, data)] = told(Cut(frozenset({"bed-1", "bed-9"})), snapshot(device("ox-1", "bed-1", "gw-a")))
    assert data["beds"] == [{**BED, "home": True}]


def test_the_gateway_of_a_device_that_comes_later_is_told_with_it() -> None:
    """Else nobody would know why its values are old."""
    cut = Cut()
    told(cut, snapshot(device("ox-1", "bed-1", "gw-a")))
    assert told(cut, event("gateway", items=[{**new_gateway("gw-b"), "state": "online"}])) == []
    (first, devices), (second, gateways) = told(cut, event("device", items=[device("ox-9", "bed-1", "gw-b")]))
    assert (first, second) == ("device", "gateway")
    assert ([one["id"] for one in devices["items"]], gateways["items"][0]["state"]) == (["ox-9"], "online")
    assert [kind for kind, _ in told(cut, event("device", items=[device("ox-9", "bed-1", "gw-b")]))] == [
        "device"
    ]


def test_who_of_the_staff_has_seen_an_alarm_is_not_told() -> None:
    cut = Cut()
    told(cut, snapshot())
    alert = {"bed": "bed-1", "code": "spo2-low", "detail": {"seen": 1, "by": "kim", "crew": 1}}
    [(_, data)] = told(cut, event("alert", items=[alert]))
    assert data["items"][0]["detail"] == {"seen": 1, "crew": 1}


def test_where_the_patient_lies_no_more_nothing_is_told_from_then_on() -> None:
    cut = Cut()
    told(cut, snapshot(device("ox-1", "bed-1", "gw-a")))
    told(cut, snapshot(kind="registry", beds=[]))
    assert told(cut, event("values", items=[{"bed": "bed-1", "value": 1}])) == []


@settings(max_examples=60)
@given(
    kind=st.sampled_from(KINDS),
    beds=st.lists(st.sampled_from(["bed-1", "bed-2", None]), max_size=5),
)
def test_of_whatever_is_said_only_what_is_at_the_patients_bed_is_told(
    kind: str, beds: list[str | None]
) -> None:
    cut = Cut()
    told(cut, snapshot(device("ox-1", "bed-1", "gw-a")))
    items = [
        {**device(f"ox-{n}", bed, "gw-b"), "name": "x", "state": "online", "seen_ms": 0, "detail": {}}
        for n, bed in enumerate(beds)
    ]
    for _, data in told(cut, event(kind, items=items)):
        assert all(one.get("bed", "bed-1") == "bed-1" for one in data["items"])
    if kind not in ("values", "wave", "alert", "device"):
        assert told(cut, event(kind, items=items)) == []
