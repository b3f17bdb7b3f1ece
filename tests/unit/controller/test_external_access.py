"""What a hospital's mosquitto is told, so that ours are as they should be and others stay as they are."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.errors import BrokerError
from controller.external_access import (
    CONTROLLER_ROLE,
    Access,
    Client,
    Command,
    commands,
    held,
    initial,
    username,
    wanted,
)

CONTROLLER = "CN=controller,O=Wardlink"
A1 = "SERIALNUMBER=a1,CN=ward-a,O=Wardlink"
A2 = "SERIALNUMBER=a2,CN=ward-a,O=Wardlink"
B1 = "SERIALNUMBER=b1,CN=ward.b,O=Wardlink"
FIRST = wanted(CONTROLLER, {})


def done(access: Access, said: list[Command]) -> Access:
    """What the plugin has after these commands; it refuses what is there twice, or is not there."""
    clients, roles = dict(access.clients), dict(access.roles)
    for one in said:
        match one["command"]:
            case "deleteClient":
                del clients[one["username"]]
            case "createClient":
                assert one["username"] not in clients
                named = frozenset(role["rolename"] for role in one["roles"])
                assert named <= roles.keys()
                clients[one["username"]] = Client(named)
            case "addClientRole":
                before = clients[one["username"]]
                assert one["rolename"] in roles
                clients[one["username"]] = Client(before.roles | {one["rolename"]}, before.restricted)
            case "deleteRole":
                del roles[one["rolename"]]
            case "createRole" | "modifyRole" as command:
                assert (one["rolename"] in roles) == (command == "modifyRole")
                rules = {(rule["acltype"], rule["topic"], rule["allow"]) for rule in one["acls"]}
                roles[one["rolename"]] = frozenset(rules)
            case other:
                raise AssertionError(other)
    return Access(clients, roles)


names = st.sampled_from(["ward-a", "ward.b", "c3"])
certificates = st.builds(
    lambda name, n: (f"SERIALNUMBER={n:x},CN={name},O=Wardlink", name), names, st.integers(0, 9)
)
gateways = st.lists(certificates, max_size=6).map(dict)
ours_roles = st.sampled_from([CONTROLLER_ROLE, "wardlink-gateway-ward-a", "wardlink-gateway-gone", "lab"])
clients = st.builds(Client, st.frozensets(ours_roles, max_size=3), st.booleans())
user_names = st.sampled_from(["lab", "CN=x,O=Hospital", "serialNumber=7,CN=ward-a,O=Hospital", "wardlink"])
rules = st.frozensets(
    st.tuples(
        st.sampled_from(["subscribePattern", "publishClientSend"]),
        st.sampled_from(["wl/#", "lab/#"]),
        st.booleans(),
    )
)


@st.composite
def broken(draw: st.DrawFn) -> Access:
    """Whatever somebody or a crash may have left: ours of another time, changed by hand, and others'."""
    before = wanted(CONTROLLER, draw(gateways))
    some = {name: draw(clients) if draw(st.booleans()) else one for name, one in before.clients.items()}
    others = draw(st.dictionaries(user_names, clients))
    changed = {name: draw(rules) if draw(st.booleans()) else one for name, one in before.roles.items()}
    kept = {name: one for name, one in changed.items() if draw(st.booleans())}
    foreign = draw(st.dictionaries(st.sampled_from(["lab", "wardlink-viewer", "admin"]), rules))
    return Access({**some, **others}, {**kept, **foreign})


@given(gateways, broken())
def test_whatever_was_there_ours_are_as_they_should_be_and_others_as_they_were(
    let_in: Mapping[str, str], before: Access
) -> None:
    want = wanted(CONTROLLER, let_in)
    after = done(before, commands(want, before))
    assert commands(want, after) == []
    for name, one in want.clients.items():
        assert one.roles <= after.clients[name].roles
        if name != CONTROLLER:
            assert after.clients[name] == one
    assert want.roles.items() <= after.roles.items()
    foreign = {name: one for name, one in before.clients.items() if "O=Wardlink" not in name}
    assert {name: one for name, one in after.clients.items() if name not in want.clients} == foreign
    for name in ("lab", "wardlink-viewer", "admin"):
        assert after.roles.get(name) == before.roles.get(name)


def test_who_has_to_go_goes_first() -> None:
    have = wanted(CONTROLLER, {A1: "ward-a", B1: "ward.b"})
    said = commands(wanted(CONTROLLER, {A1: "ward-a", A2: "ward-a"}), have)
    assert [(one["command"], one.get("username", one.get("rolename"))) for one in said] == [
        ("deleteClient", username(B1)),
        ("createClient", username(A2)),
        ("deleteRole", "wardlink-gateway-ward.b"),
    ]


def test_the_controllers_own_client_is_never_deleted_nor_loses_a_role() -> None:
    """That would end the very session that mends it."""
    have = Access({CONTROLLER: Client(frozenset({"admin"}), restricted=True)}, {"admin": frozenset()})
    assert [one["command"] for one in commands(FIRST, have)] == ["createRole", "addClientRole"]


def test_a_gateway_may_exactly_what_it_needs() -> None:
    assert wanted(CONTROLLER, {A1: "ward-a"}).roles["wardlink-gateway-ward-a"] == {
        ("publishClientSend", "wl/1/ward-a/up/#", True),
        *(
            (kind, topic, True)
            for kind in ("subscribePattern", "publishClientReceive")
            for topic in ("wl/1/ward-a/down/#", "wl/1/controller/state", "wl/1/controller/audit")
        ),
    }


def test_the_citys_adapter_may_read_requests_for_green_lights_and_answer_them_only() -> None:
    assert wanted(CONTROLLER, {A1: "city"}).roles["wardlink-gateway-city"] == {
        ("publishClientSend", "wl/1/city/ssm/+", True),
        ("subscribePattern", "wl/1/city/srm/+", True),
        ("publishClientReceive", "wl/1/city/srm/+", True),
    }


def test_the_first_file_says_what_the_plugin_would_be_told() -> None:
    first = initial(CONTROLLER)
    assert held(first["clients"], first["roles"]) == FIRST
    assert commands(FIRST, held(first["clients"], first["roles"])) == []
    assert not any(
        first["defaultACLAccess"][kind] for kind in ("publishClientSend", "publishClientReceive", "subscribe")
    )


DAMAGED: list[tuple[list[dict[str, Any]], list[dict[str, Any]]]] = [
    ([{"username": "x"}], []),
    ([{"roles": []}], []),
    ([], [{"rolename": "x"}]),
    ([], [{"rolename": "x", "acls": [{"topic": "x"}]}]),
    ([], [{"rolename": "x", "acls": 7}]),
]


@pytest.mark.parametrize(("clients", "roles"), DAMAGED)
def test_an_answer_in_another_form_is_an_error_that_says_what_to_use(
    clients: list[dict[str, Any]], roles: list[dict[str, Any]]
) -> None:
    with pytest.raises(BrokerError, match=r"mosquitto 2\.0"):
        held(clients, roles)
