"""A simulated BLE device: a sensor on a patient, worn by a peripheral on the virtual radio, with a plug.

device = BleDevice(ward_device, Strap(Patient(3)), folder)
await world.add(device.peripheral)
await device.run()          # until cancelled: measures, sends, writes down what it sent, obeys its plug
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from devices.profiles import BleLink, profile
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.plug import Order, Plug
from hil.ward import Folder, WardDevice

log = logging.getLogger(__name__)
_GARBAGE = b"\xff"
"""Flags that announce every field, and then no field."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measurement: the characteristic's value, and what it says by metric."""

    payload: bytes
    values: dict[str, float | None]


class Sensor(Protocol):
    """What a device measures; `on_patient` is False while the sensor is off the patient."""

    period_s: float
    measurement: Characteristic
    """Sent by notification or indication, whichever its properties name."""
    others: Sequence[Characteristic]
    """The rest of its service."""
    on_patient: bool

    def measure(self, time_s: float) -> Measured:
        """Measure now; called every `period_s`."""
        ...


class BleDevice:
    """One device of the ward."""

    def __init__(self, device: WardDevice, sensor: Sensor, folder: Folder) -> None:
        link = profile(device.profile).link
        if not isinstance(link, BleLink) or device.address is None:
            raise ValueError(f"{device.id}: {device.profile} is no BLE device with an address")
        self._device = device
        self._sensor = sensor
        self._folder = folder
        self._garbage = False
        name = f"{link.name_prefix}{device.seed:04d}"
        services = [
            Service(link.service, [sensor.measurement, *sensor.others]),
            _battery(percent=100 - 7 * device.seed % 60),
            _information(device, serial=name),
        ]
        self.peripheral = Peripheral(name, device.address, services, advertises=[_short(link.service)])

    async def run(self) -> None:
        """Live, until cancelled."""
        name = self._device.id
        with (
            Plug(self._folder.plug(name), self._obey, log.warning),
            Emitted(self._folder.emitted(name)) as emitted,
        ):
            await self._measure(emitted)

    async def _measure(self, emitted: Emitted) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            step = asyncio.ensure_future(self._step(emitted))
            try:
                await asyncio.shield(step)
            except asyncio.CancelledError:
                await step  # what goes out now is written down, too
                raise
            due += self._sensor.period_s
            await asyncio.sleep(due - loop.time())

    async def _step(self, emitted: Emitted) -> None:
        at = now_ns()
        measured = self._sensor.measure(at / 1e9)
        if self.peripheral.is_subscribed(self._sensor.measurement):
            emitted.sent(at, measured.values)
            await self._send(measured.payload)
        if self._garbage:
            self._garbage = not await self._send(_GARBAGE)

    async def _send(self, payload: bytes) -> bool:
        characteristic = self._sensor.measurement
        if characteristic.properties & Property.INDICATE:
            return await self.peripheral.indicate(characteristic, payload)
        return await self.peripheral.notify(characteristic, payload)

    def _obey(self, order: Order) -> None:
        log.info("%s: %s", self._device.id, order)
        match order:
            case Order.OFF:
                self.peripheral.power_off()
            case Order.ON:
                self.peripheral.back()
            case Order.SENSOR_OFF | Order.SENSOR_ON:
                self._sensor.on_patient = order is Order.SENSOR_ON
            case Order.GARBAGE:
                self._garbage = True


def _battery(percent: int) -> Service:
    """The Battery Service (BAS 1.0)."""
    level = Characteristic("2a19", Property.READ | Property.NOTIFY, value=bytes([percent]))
    return Service("180f", [level])


def _information(device: WardDevice, serial: str) -> Service:
    """The Device Information Service (DIS 1.1), which says that this is a simulation."""
    texts = {
        "2a29": "Wardlink simulation",
        "2a24": device.profile,
        "2a25": serial,
        "2a26": "1.0",
    }
    return Service(
        "180a", [Characteristic(uuid, Property.READ, value=text.encode()) for uuid, text in texts.items()]
    )


def _short(uuid: str) -> str:
    """The 16-bit form of a UUID on the Bluetooth base."""
    return uuid[4:8]
