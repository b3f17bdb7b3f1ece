"""A simulated BLE device: a sensor on a patient, worn by a peripheral on the virtual radio, with a plug.

device = BleDevice(ward_device, Strap(Patient(3)), folder)
await world.add(device.peripheral)
await device.run()          # until cancelled: measures, sends, writes down what it sent, obeys its plug
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence

from devices.profiles import BleBroadcast, BleLink, profile
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.dials import Faults
from hil.sims.emitted import Emitted, now_ns
from hil.sims.models.blood_pressure import Monitor
from hil.sims.plug import Order, Plug
from hil.sims.simulated import RadioSim, Sensor, Simulated
from hil.ward import Folder, WardDevice

log = logging.getLogger(__name__)
_GARBAGE = b"\xff"
"""Flags that announce every field, and then no field."""


class BleDevice:
    """One device of the ward."""

    def __init__(self, device: WardDevice, sim: Simulated, folder: Folder) -> None:
        link = profile(device.profile).link
        if not isinstance(link, BleLink | BleBroadcast) or device.address is None:
            raise ValueError(f"{device.id}: {device.profile} is no BLE device with an address")
        self._device = device
        self._worn = sim
        if isinstance(sim, Monitor) and device.every_s is not None:
            sim.every_s = device.every_s
        self._sim = _radio_sim(sim, link)
        self._folder = folder
        self._is_away = False
        name = f"{link.name_prefix}{device.seed:04d}"
        services = [*self._sim.services]
        self._charge = 100 - 7 * device.seed % 60
        self._battery = Characteristic("2a19", Property.READ | Property.NOTIFY, value=bytes([self._charge]))
        if isinstance(link, BleLink):
            services += [Service("180f", [self._battery]), _information(device, serial=name)]
        advertises = [_short(link.service)] if isinstance(link, BleLink) else []
        self.peripheral = Peripheral(
            name, device.address, services, advertises=advertises, service_data=self._sim.service_data
        )

    async def run(self) -> None:
        """Live, until cancelled."""
        name = self._device.id
        with (
            Plug(self._folder.plug(name), self._obey, log.warning),
            Emitted(self._folder.emitted(name)) as emitted,
        ):
            await self._sim.run(self.peripheral, emitted)

    async def dialled(self, faults: Faults) -> None:
        """As the bench has it now (hil/sims/dials.py)."""
        self._worn.on_patient = not faults.sensor_off
        self.peripheral.is_frozen = faults.frozen
        if isinstance(self._worn, Monitor):
            self._worn.leaks = faults.leak
        if faults.away != self._is_away:
            self._is_away = faults.away
            (self.peripheral.lose if faults.away else self.peripheral.back)()
        await self._charged(self._charge if faults.battery is None else faults.battery)

    async def _charged(self, percent: int) -> None:
        """Battery Service (BAS 1.0): the level is read, and told when it changes."""
        if self._battery.value != bytes([percent]):
            self._battery.value = bytes([percent])
            await self.peripheral.notify(self._battery, self._battery.value)

    def _obey(self, order: Order) -> None:
        log.info("%s: %s", self._device.id, order)
        match order:
            case Order.OFF:
                self.peripheral.power_off()
            case Order.ON:
                self.peripheral.back()
            case Order.SENSOR_OFF | Order.SENSOR_ON:
                self._worn.on_patient = order is Order.SENSOR_ON
            case Order.MEASURE if isinstance(self._worn, Monitor):
                self._worn.is_pressed = True
            case Order.MEASURE:
                log.warning("%s: only blood pressure monitors have a button", self._device.id)
            case Order.SICK | Order.WELL:
                log.warning("%s: only the serial oximeters simulate that", self._device.id)
            case Order.GARBAGE:
                self._sim.garbage = True


def _radio_sim(sim: Simulated, link: BleLink | BleBroadcast) -> RadioSim:
    if isinstance(sim, RadioSim):
        return sim
    if isinstance(sim, Sensor) and isinstance(link, BleLink):
        return Measuring(link.service, sim)
    raise ValueError(f"{type(sim).__name__} is no simulator of a BLE device")


class Measuring:
    """A `Sensor` as a `RadioSim`: it measures every `period_s` and sends to whoever has subscribed."""

    def __init__(self, service: str, sensor: Sensor) -> None:
        self._sensor = sensor
        self.services: Sequence[Service] = [Service(service, [sensor.measurement, *sensor.others])]
        self.service_data: Mapping[str, bytes] = {}
        self.garbage = False

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            step = asyncio.ensure_future(self._step(peripheral, emitted))
            try:
                await asyncio.shield(step)
            except asyncio.CancelledError:
                await step  # what goes out now is written down, too
                raise
            due += self._sensor.period_s
            await asyncio.sleep(due - loop.time())

    async def _step(self, peripheral: Peripheral, emitted: Emitted) -> None:
        at = now_ns()
        measured = self._sensor.measure(at / 1e9)
        if peripheral.is_subscribed(self._sensor.measurement):
            emitted.sent(at, measured.values)
            await self._send(peripheral, measured.payload)
        if self.garbage:
            self.garbage = not await self._send(peripheral, _GARBAGE)

    async def _send(self, peripheral: Peripheral, payload: bytes) -> bool:
        characteristic = self._sensor.measurement
        if characteristic.properties & Property.INDICATE:
            return await peripheral.indicate(characteristic, payload)
        return await peripheral.notify(characteristic, payload)


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
    """The 16-bit form of a UUID on the Bluetooth base; any other as it is."""
    return uuid[4:8] if uuid.endswith("-0000-1000-8000-00805f9b34fb") else uuid
