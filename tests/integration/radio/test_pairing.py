"""Pairing and bonding: LE Secure Connections, what they protect, and how long they last."""

import json
from pathlib import Path

import pytest
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError

from hil.radio.adapter import Adapter
from tests.support.radio import Radio, WardProcess, new_address, until


async def test_a_protected_value_is_refused_until_paired(ward: WardProcess, radio: Radio, bed: str) -> None:
    async with radio.client(await radio.find(bed)) as client:
        with pytest.raises(BleakGATTProtocolError) as refused:
            await client.read_gatt_char("2a60")
        assert refused.value.code == 0x0F  # Insufficient Encryption
        with pytest.raises(BleakGATTProtocolError):
            await client.start_notify("2a60", lambda *_: None)
        await client.pair()
        assert await client.read_gatt_char("2a60") == b"secret"
        values: list[bytes] = []
        await client.start_notify("2a60", lambda _, data: values.append(bytes(data)))
        assert await ward("notify", bed, what="secret", values=["07"]) == 1
        await until(lambda: values == [b"\x07"])


async def test_pairing_uses_le_secure_connections(ward: WardProcess, radio: Radio, bed: str) -> None:
    async with radio.client(await radio.find(bed)) as client:
        await client.pair()
        assert await ward("security", bed) == {
            "connected": True,
            "encrypted": True,
            "secure_connections": True,
        }


async def test_a_client_may_pair_as_it_connects(radio: Radio, bed: str) -> None:
    async with radio.client(await radio.find(bed), pair=True) as client:
        assert await client.read_gatt_char("2a60") == b"secret"


async def test_a_bonded_device_is_encrypted_again_without_pairing(
    ward: WardProcess, radio: Radio, bed: str
) -> None:
    device = await radio.find(bed)
    async with radio.client(device) as client:
        await client.pair()
        bonds = await radio.adapter.bonds.get_all()
    for _ in range(2):
        async with radio.client(device) as client:
            assert await client.read_gatt_char("2a60") == b"secret"
            await client.pair()  # nothing to do
    assert str(await radio.adapter.bonds.get_all()) == str(bonds)


async def test_a_bond_outlives_the_loss_of_the_link(ward: WardProcess, radio: Radio, bed: str) -> None:
    client = radio.client(await radio.find(bed))
    await client.connect()
    await client.pair()
    await ward("lose", bed)
    await until(lambda: not client.is_connected)
    await ward("back", bed)
    await client.connect()
    assert await client.read_gatt_char("2a60") == b"secret"
    await client.disconnect()


async def test_unpairing_forgets_the_bond_and_disconnects(radio: Radio, bed: str) -> None:
    device = await radio.find(bed)
    client = radio.client(device)
    await client.connect()
    await client.pair()
    await client.unpair()
    assert not client.is_connected
    assert await radio.adapter.bonds.get_all() == []
    async with radio.client(device) as client:
        with pytest.raises(BleakGATTProtocolError):
            await client.read_gatt_char("2a60")
        await client.pair()
        assert await client.read_gatt_char("2a60") == b"secret"


async def test_unpairing_a_stranger_is_not_found(radio: Radio, bed: str) -> None:
    with pytest.raises(BleakDeviceNotFoundError, match="neither bonded nor connected"):
        await radio.client(await radio.find(bed)).unpair()


async def test_bonds_in_files_outlive_both_processes(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "gateway.json", tmp_path / "ward.json"
    name, address = new_address()
    for start in range(2):
        ward = WardProcess(bonds=theirs)
        await ward("add", name, address=address)
        async with Adapter(ward.transport, bonds=ours) as adapter:
            radio = Radio(adapter)
            async with radio.client(await radio.find(name)) as client:
                if start == 0:
                    await client.pair()
                assert await client.read_gatt_char("2a60") == b"secret"
        ward.stop()
    (bonds,) = json.loads(ours.read_text()).values()
    assert [list(keys) for keys in bonds.values()] == [["address_type", "ltk"]]  # one key for both: SC


async def test_a_device_that_forgot_its_bond_is_refused_with_the_remedy(tmp_path: Path) -> None:
    ours, (name, address) = tmp_path / "gateway.json", new_address()
    for start in range(2):
        ward = WardProcess()
        await ward("add", name, address=address)
        async with Adapter(ward.transport, bonds=ours) as adapter:
            client = Radio(adapter).client(address)
            if start == 0:
                async with client:
                    await client.pair()
            else:
                with pytest.raises(BleakError, match=r"unpair\(\) and pair\(\) again"):
                    await client.connect()
                await client.unpair()
                async with client:
                    await client.pair()
                    assert await client.read_gatt_char("2a60") == b"secret"
        ward.stop()
