"""The radio process of the ward, heard by bleak and read by the product's own codecs."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from bleak import BleakClient
from bleak.backends.characteristic import BleakGATTCharacteristic

from devices.codecs import Codec, Said, battery, heart_rate, pulse_oximeter, thermometer
from devices.codecs.device_information import STRINGS
from devices.model.observation import DeviceEvent, EventKind, Instant, NoValue, Reading
from hil.radio.adapter import Adapter
from hil.ward import Folder, six_kinds
from tests.support.radio import ROOT, Radio, until

ADDRESSES = {device.id: device.address for device in six_kinds(6).devices}


@asynccontextmanager
async def ward(tmp_path: Path) -> AsyncIterator[tuple[Folder, Radio]]:
    Folder(tmp_path).save(six_kinds(6).devices)
    command = [sys.executable, "-m", "hil.sims.ble_ward", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env=environment)
    assert process.stdout
    try:
        transport = (await process.stdout.readline()).decode().strip()
        async with Adapter(transport) as adapter:
            yield Folder(tmp_path), Radio(adapter)
    finally:
        process.terminate()
        await process.wait()


class Listener:
    """What one characteristic of one device says."""

    def __init__(self, codec: Codec) -> None:
        self.codec = codec
        self.said: list[Said] = []

    def __call__(self, _: BleakGATTCharacteristic, data: bytearray) -> None:
        self.said += self.codec.receive_data(bytes(data), Instant(0))

    def values(self, metric: str) -> list[Reading]:
        return [one for one in self.said if isinstance(one, Reading) and one.metric == metric]

    def events(self, kind: EventKind) -> list[DeviceEvent]:
        return [one for one in self.said if isinstance(one, DeviceEvent) and one.kind is kind]


@asynccontextmanager
async def listening(
    radio: Radio, device: str, uuid: str, codec: Codec, pair: bool = False
) -> AsyncIterator[tuple[BleakClient, Listener]]:
    address = ADDRESSES[device]
    assert address
    listener = Listener(codec)
    async with radio.client(address, pair=pair) as client:
        await client.start_notify(uuid, listener)
        yield client, listener


def sent(folder: Folder, device: str, metric: str) -> list[float | None]:
    lines = [json.loads(line) for line in folder.emitted(device).read_text().splitlines()]
    return [line["value"] for line in lines if line["metric"] == metric]


def plain(readings: list[Reading]) -> list[Decimal | None]:
    return [reading.value for reading in readings]


async def test_the_strap_sends_the_rate_and_rr_intervals_that_it_wrote_down(tmp_path: Path) -> None:
    codec = heart_rate.HeartRateCodec()
    async with (
        ward(tmp_path) as (folder, radio),
        listening(radio, "hr-1", heart_rate.MEASUREMENT, codec) as (client, heard),
    ):
        await until(lambda: len(heard.values("hr")) >= 4)
        rates = plain(heard.values("hr"))
        assert sent(folder, "hr-1", "hr")[: len(rates)] == rates
        beats = [
            float(ms) for event in heard.events(EventKind.RR) for ms in str(event.detail["ms"]).split(",")
        ]
        assert 60_000 * len(beats) / sum(beats) == pytest.approx(float(rates[-1] or 0), rel=0.2)
        assert (await client.read_gatt_char(battery.LEVEL))[0] == 93
        identity = [
            bytes(await client.read_gatt_char(uuid))
            for uuid, name in STRINGS.items()
            if name == "manufacturer"
        ]
        assert identity == [b"Wardlink simulation"]


async def test_the_ble_oximeter_says_when_it_is_off_the_finger(tmp_path: Path) -> None:
    codec = pulse_oximeter.ContinuousCodec()
    async with (
        ward(tmp_path) as (folder, radio),
        listening(radio, "ox-6", pulse_oximeter.CONTINUOUS, codec) as (_, heard),
    ):
        await until(lambda: len(heard.values("spo2")) >= 2)
        assert plain(heard.values("spo2")) == sent(folder, "ox-6", "spo2")[: len(heard.values("spo2"))]
        folder.plug("ox-6").write_text("sensor-off\n")
        await until(lambda: heard.values("spo2")[-1].reason == NoValue.SENSOR_OFF)
        folder.plug("ox-6").write_text("garbage\n")
        await until(lambda: bool(heard.events(EventKind.BAD_BYTES)))


async def test_the_thermometer_wants_to_be_paired_with(tmp_path: Path) -> None:
    codec = thermometer.ThermometerCodec()
    async with (
        ward(tmp_path) as (folder, radio),
        listening(radio, "temp-1", thermometer.MEASUREMENT, codec, pair=True) as (_, heard),
    ):
        await until(lambda: len(heard.values("temp_body")) >= 2)
        values = [float(value or 0) for value in plain(heard.values("temp_body"))]
        assert values == sent(folder, "temp-1", "temp_body")[: len(values)]


async def test_switched_off_it_is_gone_and_switched_on_it_is_back(tmp_path: Path) -> None:
    async with ward(tmp_path) as (folder, radio):
        codec = heart_rate.HeartRateCodec()
        async with listening(radio, "hr-2", heart_rate.MEASUREMENT, codec) as (client, heard):
            await until(lambda: bool(heard.values("hr")))
            folder.plug("hr-2").write_text("off\n")
            await until(lambda: not client.is_connected)
        folder.plug("hr-2").write_text("on\n")
        async with listening(radio, "hr-2", heart_rate.MEASUREMENT, codec) as (_, again):
            await until(lambda: bool(again.values("hr")))
