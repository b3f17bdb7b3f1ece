"""What a robot is told where it picks and drops; and that it is not sent where it cannot be told enough."""

import json
from dataclasses import replace
from typing import Any

import pytest

from controller.errors import BadMap
from controller.robots.map import demo, parse
from devices.codecs.vda5050.factsheet import Factsheet, LoadSet, ParameterDefinition
from devices.codecs.vda5050.version import V2_1, V3_0
from devices.codecs.vda5050.words import ValueDataType
from tests.support.robot_map import corridors
from tests.support.robots import World


def with_demand(sheet: Factsheet, *keys: str, positions: tuple[str, ...] = ()) -> Factsheet:
    """The same, of a robot that demands these parameters of pick."""
    asked = tuple(ParameterDefinition(key=key, value_data_type=ValueDataType.STRING) for key in keys)
    known = sheet.protocol_features.agv_actions
    acts = tuple(replace(o, action_parameters=asked) if o.action_type == "pick" else o for o in known)
    loads = (LoadSet(set_name="box", load_type="medicines", load_positions=positions),) if positions else None
    carries = replace(sheet.load_specification, load_sets=loads)
    features = replace(sheet.protocol_features, agv_actions=acts)
    return replace(sheet, protocol_features=features, load_specification=carries)


def a_world(*keys: str, positions: tuple[str, ...] = (), version: Any = V2_1, said: str = "") -> World:
    """The demo's hospital with one robot; `said`: what the map says of its first station, the pharmacy."""
    text = demo().model_dump(mode="json", by_alias=True)
    for node in text["nodes"]:
        if said and node["id"] == "pharmacy":
            node["parameters"] = json.loads(said)
    world = World({"r1": "park-1"}, version, hospital=parse(json.dumps(text), "map.json"))
    vehicle = world.robots["r1"].vehicle
    vehicle._factsheet = with_demand(vehicle._factsheet, *keys, positions=positions)
    sheet = world.robots["r1"].sheet(world.now_ms).decode()
    world.master.heard("r1", "gw", "factsheet", sheet, at_ms=world.now_ms, now_ms=world.now_ms)
    return world


def picked_with(world: World) -> dict[str, object]:
    """The parameters of the pick that was sent."""
    world.want("T1")
    world.run(30)
    orders = [json.loads(said.text) for said in world.sent("r1")]
    [pick] = {
        json.dumps(act["actionParameters"])
        for one in orders
        for node in one["nodes"]
        for act in node["actions"]
        if act["actionType"] == "pick"
    }
    return {one["key"]: one["value"] for one in json.loads(pick)}


def test_it_is_told_the_kind_of_load_and_what_the_map_says_of_the_station() -> None:
    told = picked_with(a_world(said='{"stationType": "table", "height": 0.8}'))
    assert told == {
        "stationName": "pharmacy",
        "loadId": "T1",
        "loadType": "medicines",
        "stationType": "table",
        "height": 0.8,
    }


@pytest.mark.parametrize(("version", "key"), [(V2_1, "lhd"), (V3_0, "loadHandlingDevice")])
def test_which_of_its_load_handling_devices_is_used_is_what_its_factsheet_says(
    version: Any, key: str
) -> None:
    told = picked_with(a_world(key, positions=("left", "right"), version=version))
    assert told[key] == "left"


def test_a_robot_that_demands_what_the_map_does_not_say_gets_no_such_order_and_the_engineer_is_told() -> None:
    world = a_world("stationType", "side", said='{"stationType": "table"}')
    world.want("T1")
    world.run(20)
    assert world.sent("r1") == []
    assert any("r1 demands side for pick" in why and "pharmacy" in why for why in world.asked())
    assert any("does not say side there" in why for why in world.asked())
    whys = [one.why for one in world.master.attention.open.values()]
    assert any("demands side" in why for why in whys), "until somebody has seen to it"


def test_what_the_map_says_is_enough_for_a_robot_that_demands_it() -> None:
    world = a_world("stationType", said='{"stationType": "table"}')
    world.want("T1")
    assert world.run(300, world.delivered("T1"))


def test_only_stations_and_chargers_have_parameters() -> None:
    text = demo().model_dump(mode="json", by_alias=True)
    text["nodes"][0]["parameters"] = {"side": "left"}
    with pytest.raises(BadMap, match="parameters are of stations and chargers"):
        parse(json.dumps(text), "map.json")


def test_a_map_without_parameters_is_the_same_map_as_before_there_were_any() -> None:
    assert corridors().revision == "5f6ba254d9b0321b3d571703c0b02bc6762d0700233a4a19f1c1d17787d48718"
