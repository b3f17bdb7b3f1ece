"""One model in three versions: what was renamed is renamed, what a version cannot say is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest

from devices.codecs.vda5050.action import Action, ActionParameter, InstantActions
from devices.codecs.vda5050.errors import BadField, Unsayable
from devices.codecs.vda5050.messages import Message, decode, encode
from devices.codecs.vda5050.order import AllowedDeviation, Corridor, NodePosition, Order
from devices.codecs.vda5050.presence import Connection, Visualization
from devices.codecs.vda5050.state import ActionState, AgvPosition, BatteryState, Error, SafetyState, State
from devices.codecs.vda5050.topics import Topic
from devices.codecs.vda5050.version import V2_0, V2_1, V3_0, Version
from devices.codecs.vda5050.words import (
    ActionStatus,
    BlockingType,
    ConnectionState,
    ErrorLevel,
    EStop,
    OperatingMode,
)
from devices.codecs.vda5050.zones import Responses
from tests.support.vda5050_messages import header, order

STATE = State(
    header=header(),
    order_id="",
    order_update_id=0,
    last_node_id="",
    last_node_sequence_id=0,
    driving=False,
    operating_mode=OperatingMode.TEACHIN,
    node_states=(),
    edge_states=(),
    action_states=(),
    agv_position=AgvPosition(x=1, y=2, theta=0, map_id="1", position_initialized=True),
    battery_state=BatteryState(battery_charge=80, charging=False, reach=50),
    errors=(Error(error_type="t", error_level=ErrorLevel.WARNING),),
    safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
)


def said(message: Message, version: Version) -> dict[str, Any]:
    return json.loads(encode(message, version))


def unsaid(message: Message, version: Version) -> str:
    with pytest.raises(Unsayable) as refused:
        encode(message, version)
    return str(refused.value)


def with_node(**values: Any) -> Order:
    one = order("ab")
    return replace(one, nodes=(replace(one.nodes[0], **values), one.nodes[1]))


def with_edge(**values: Any) -> Order:
    one = order("ab")
    return replace(one, edges=(replace(one.edges[0], **values),))


def test_3_0_has_other_names_for_position_battery_and_emergency_stop() -> None:
    old, new = said(STATE, V2_1), said(STATE, V3_0)
    assert (old["agvPosition"]["positionInitialized"], new["mobileRobotPosition"]["localized"]) == (
        True,
        True,
    )
    assert old["batteryState"] == {"batteryCharge": 80, "charging": False, "reach": 50}
    assert new["powerSupply"] == {"stateOfCharge": 80, "charging": False, "range": 50}
    assert (old["safetyState"]["eStop"], new["safetyState"]["activeEmergencyStop"]) == ("NONE", "NONE")
    assert (old["operatingMode"], new["operatingMode"]) == ("TEACHIN", "TEACH_IN")
    assert "instantActionStates" not in old
    assert new["instantActionStates"] == []


def test_a_message_is_decoded_the_same_from_each_version() -> None:
    decoded = [decode(Topic.STATE, encode(STATE, version)) for version in Version]
    assert [replace(one, header=header()) for one in decoded if isinstance(one, State)] == [STATE] * 3


def test_3_0_has_other_names_for_limits_descriptions_and_first_poses() -> None:
    edge = said(with_edge(max_speed=1, max_height=2, min_height=0, max_rotation_speed=3), V3_0)["edges"][0]
    names = (
        "maximumSpeed",
        "maximumMobileRobotHeight",
        "minimumLoadHandlingDeviceHeight",
        "maximumRotationSpeed",
    )
    assert [edge[name] for name in names] == [1, 2, 0, 3]
    assert said(with_node(node_description="door"), V3_0)["nodes"][0]["nodeDescriptor"] == "door"
    pose = Action(action_type="initPosition", action_id="1", blocking_type=BlockingType.NONE)
    asked = InstantActions(header=header(), actions=(pose,))
    kinds = [said(asked, version)["actions"][0]["actionType"] for version in Version]
    assert kinds == ["initPosition", "initPosition", "initializePosition"]
    assert said(Connection(header=header(), connection_state=ConnectionState.CONNECTIONBROKEN), V3_0)[
        "connectionState"
    ] == ("CONNECTION_BROKEN")


def test_a_deviation_is_a_radius_in_version_2_and_an_ellipse_in_3() -> None:
    place = NodePosition(x=0, y=0, map_id="1", allowed_deviation_xy=AllowedDeviation.circle(0.5))
    told = [said(with_node(node_position=place), version)["nodes"][0]["nodePosition"] for version in Version]
    assert told[0]["allowedDeviationXy"] == told[1]["allowedDeviationXY"] == 0.5
    assert told[2]["allowedDeviationXY"] == {"a": 0.5, "b": 0.5, "theta": 0.0}
    long = replace(place, allowed_deviation_xy=AllowedDeviation(a=2, b=1))
    assert "nodes[0].nodePosition.allowedDeviationXY: version 2 has a circle only" in unsaid(
        with_node(node_position=long), V2_1
    )


@pytest.mark.parametrize(
    ("message", "version", "path"),
    [
        (with_edge(corridor=Corridor(left_width=1, right_width=1)), V2_0, "edges[0].corridor"),
        (with_edge(rotation_allowed=True), V3_0, "edges[0].rotationAllowed"),
        (replace(order("a"), zone_set_id="z"), V3_0, "zoneSetId"),
        (replace(order("a"), order_description="d"), V2_1, "orderDescription"),
        (
            replace(
                STATE, instant_action_states=(ActionState(action_id="1", action_status=ActionStatus.WAITING),)
            ),
            V2_1,
            "instant",
        ),
        (
            replace(STATE, safety_state=SafetyState(e_stop=EStop.AUTOACK, field_violation=False)),
            V3_0,
            "safety",
        ),
        (replace(STATE, operating_mode=OperatingMode.INTERVENED), V2_1, "operatingMode"),
        (replace(STATE, errors=(Error(error_type="t", error_level=ErrorLevel.URGENT),)), V2_1, "errors[0]"),
        (replace(STATE, errors=(replace(STATE.errors[0], error_hint="h"),)), V2_0, "errors[0].errorHint"),
        (replace(STATE, battery_state=replace(STATE.battery_state, reach=1.5)), V2_0, "batteryState.reach"),
        (Visualization(header=header()), V3_0, "referenceStateHeaderId"),
        (replace(order("a"), extra={"orderId": "other"}), V2_1, "orderId"),
        (replace(order("a"), extra={"x": float("nan")}), V2_1, "what JSON can say"),
        (replace(order("a"), order_id="\ud800"), V2_1, "surrogate"),
        (replace(order("a"), order_update_id=2**32), V2_1, "orderUpdateId"),
        (with_edge(max_speed=float("inf")), V2_1, "edges[0].maxSpeed"),
        (Responses(header=header(), responses=()), V2_1, "no topic responses"),
    ],
)
def test_what_a_version_cannot_say_is_refused_and_not_left_out(
    message: Message, version: Version, path: str
) -> None:
    assert path in unsaid(message, version)


def test_a_parameter_is_an_object_since_2_1_and_never_null() -> None:
    def asked(value: object) -> InstantActions:
        given = (ActionParameter(key="k", value=value),)
        one = Action(action_type="t", action_id="1", blocking_type=BlockingType.NONE, action_parameters=given)
        return InstantActions(header=header(), actions=(one,))

    assert said(asked({"a": 1}), V2_1)["actions"][0]["actionParameters"][0]["value"] == {"a": 1}
    assert "actionParameters[0].value" in unsaid(asked({"a": 1}), V2_0)
    assert "actionParameters[0].value" in unsaid(asked(None), V3_0)


def test_in_3_0_an_instant_action_blocks_nothing() -> None:
    hard = InstantActions(header=header(), actions=(Action(action_type="t", action_id="1"),))
    assert "NONE" in unsaid(hard, V3_0)
    assert said(hard, V2_1)["actions"][0]["blockingType"] == "HARD"


def test_the_list_and_the_type_of_instant_actions_had_other_names() -> None:
    content = said(InstantActions(header=header(), actions=(Action(action_type="t", action_id="1"),)), V2_0)
    content["instantActions"] = content.pop("actions")
    content["instantActions"][0]["actionName"] = content["instantActions"][0].pop("actionType")
    message = decode(Topic.INSTANT_ACTIONS, json.dumps(content).encode())
    assert isinstance(message, InstantActions)
    assert message.actions[0].action_type == "t"


@pytest.mark.parametrize(
    ("name", "version"),
    [("2.0.0", V2_0), ("2.0", V2_0), ("2.1.0", V2_1), ("2.9.9", V2_1), ("3.0.0", V3_0), ("3.1.0", V3_0)],
)
def test_a_newer_minor_version_is_read_as_the_newest_that_is_known(name: str, version: Version) -> None:
    assert Version.of(name) is version


@pytest.mark.parametrize("name", ["1.3.2", "4.0.0", "", "v2", "2", "2.0.0.0", "２.0.0" * 9])
def test_another_major_version_is_refused(name: str) -> None:
    with pytest.raises(BadField, match="expected a version"):
        Version.of(name)


def test_a_word_of_another_version_is_refused() -> None:
    content = said(STATE, V3_0) | {"operatingMode": "TEACHIN"}
    with pytest.raises(BadField, match="operatingMode: expected one of STARTUP"):
        decode(Topic.STATE, json.dumps(content).encode())
