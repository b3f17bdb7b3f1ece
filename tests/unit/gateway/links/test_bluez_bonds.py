"""Bonds as BlueZ tells and removes them, over a real bus."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from bleak.backends.device import BLEDevice

from gateway.errors import LinkError
from gateway.links.bluez_bonds import BluezBonds
from tests.support.bluez import StandInBluez, private_bus

ADDRESS, OTHER = "C0:00:00:00:00:01", "C0:00:00:00:00:02"


@pytest.fixture
async def bluez(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StandInBluez]:
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        async with StandInBluez(address) as made:
            yield made


def at(path: str) -> BLEDevice:
    """A device as bleak gives it."""
    return BLEDevice(ADDRESS, "strap", {"path": path})


@pytest.mark.parametrize(
    ("paired", "bonded", "pairing"),
    [
        (True, True, "bonded"),
        (True, False, "encrypted"),
        (False, False, "none"),
        (True, None, "bonded"),
        (False, None, "none"),
    ],
)
async def test_how_a_device_is_paired_is_what_bluez_says_of_it(
    bluez: StandInBluez, paired: bool, bonded: bool | None, pairing: str
) -> None:
    path = bluez.device(ADDRESS, paired=paired, bonded=bonded)
    assert await BluezBonds().pairing(at(path)) == pairing


async def test_what_is_forgotten_is_removed_and_no_other(bluez: StandInBluez) -> None:
    path, other = bluez.device(ADDRESS, paired=True, bonded=True), bluez.device(OTHER, paired=True)
    await BluezBonds().forget(ADDRESS)
    assert bluez.removed == [path]
    assert list(bluez.devices) == [other]


async def test_to_forget_what_bluez_does_not_know_is_no_error(bluez: StandInBluez) -> None:
    bonds = BluezBonds()
    await bonds.forget(ADDRESS)
    assert bluez.removed == []


async def test_a_device_that_bluez_does_not_know_is_a_link_error(bluez: StandInBluez) -> None:
    with pytest.raises(LinkError, match="BlueZ refuses GetAll"):
        await BluezBonds().pairing(at("/org/bluez/hci0/dev_none"))


async def test_a_bluez_that_restarts_is_asked_again(bluez: StandInBluez, tmp_path: Path) -> None:
    bonds, path = BluezBonds(), bluez.device(ADDRESS, paired=True, bonded=True)
    assert await bonds.pairing(at(path)) == "bonded"
    assert bonds._bus is not None
    bonds._bus.disconnect()
    await bonds._bus.wait_for_disconnect()
    assert await bonds.pairing(at(path)) == "bonded"


async def test_a_host_without_bluez_is_a_link_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with private_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        with pytest.raises(LinkError, match="BlueZ refuses GetManagedObjects"):
            await BluezBonds().forget(ADDRESS)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    with pytest.raises(LinkError, match="bluetooth"):
        await BluezBonds().forget(ADDRESS)
