"""The pairing agent as BlueZ calls it: the interface's own names and signatures, and who is accepted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbus_fast import DBusError

from gateway.errors import LinkError
from gateway.links.bluez_agent import Agent, PairingAgent

DEVICE = "/org/bluez/hci0/dev_C0_00_00_00_00_01"

# org.bluez.Agent1, as far as BlueZ asks an agent of capability NoInputNoOutput (doc/org.bluez.Agent.rst).
METHODS = {
    "Release": "",
    "Cancel": "",
    "RequestConfirmation": "ou",
    "RequestAuthorization": "o",
    "AuthorizeService": "os",
}


def test_the_agent_has_the_methods_of_the_standard_interface() -> None:
    interface = Agent(Counter()).introspect()
    assert interface.name == "org.bluez.Agent1"
    signatures = {m.name: "".join(a.signature for a in m.in_args) for m in interface.methods}
    assert signatures == METHODS
    assert [m.name for m in interface.methods if m.out_args] == []


def test_a_device_that_is_being_paired_is_accepted() -> None:
    Agent(Counter({DEVICE: 1})).check(DEVICE)


@pytest.mark.parametrize("accepted", [Counter(), Counter({DEVICE: 0})])
def test_any_other_device_is_rejected(accepted: Counter[str]) -> None:
    with pytest.raises(DBusError, match="not being paired") as rejected:
        Agent(accepted).check(DEVICE)
    assert rejected.value.type == "org.bluez.Error.Rejected"


@pytest.fixture
async def deaf_bus(tmp_path: Path) -> AsyncIterator[str]:
    """The address of a bus that accepts connections and never answers."""
    server = await asyncio.start_unix_server(lambda _r, _w: None, tmp_path / "bus")
    yield f"unix:path={tmp_path}/bus"
    server.close()


async def test_a_host_without_a_bus_is_a_link_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(LinkError) as refused:
        async with PairingAgent().accepting(DEVICE):
            pytest.fail("nothing can be accepted")
    assert refused.value.why == "no-agent"


async def test_a_bus_that_does_not_answer_is_a_link_error(
    deaf_bus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", deaf_bus)
    with pytest.raises(LinkError) as refused:
        async with PairingAgent(call_s=0.2).accepting(DEVICE):
            pytest.fail("nothing can be accepted")
    assert refused.value.why in {"timeout", "no-agent"}
