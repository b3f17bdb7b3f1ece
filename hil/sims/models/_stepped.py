"""What simulated spot-check devices share: several characteristics in steps, and a clock that can be set."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from devices.codecs import current_time
from devices.codecs.device_clock import as_datetime, device_time
from devices.codecs.gatt import DeviceTime, Fields
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.patient import Patient
from hil.sims.simulated import Measured

_GARBAGE = b"\xff"
"""Flags that announce every field, and then no field."""
_FACTORY_TIME = datetime(2016, 1, 1)  # noqa: DTZ001 - devices tell no zone


class Sent(NamedTuple):
    """One value that a device sends."""

    characteristic: Characteristic
    measured: Measured


class Stepped(ABC):
    """A `RadioSim` that sends what `step` gives, every `period_s`, to whoever has subscribed."""

    period_s = 1.0

    def __init__(self) -> None:
        self.on_patient = True
        self.garbage = False
        self.services: Sequence[Service] = []
        self.service_data: Mapping[str, bytes] = {}

    @abstractmethod
    def step(self, time_s: float) -> list[Sent]:
        """What it sends now."""

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            step = asyncio.ensure_future(self.send(peripheral, emitted))
            try:
                await asyncio.shield(step)
            except asyncio.CancelledError:
                await step  # what goes out now is written down, too
                raise
            due += self.period_s
            await asyncio.sleep(due - loop.time())

    async def send(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """One step, to whoever has subscribed; what goes out is written down."""
        for characteristic, measured in self.step(now_ns() / 1e9):
            if not peripheral.is_subscribed(characteristic):
                continue
            emitted.sent(now_ns(), measured.values)
            await _say(peripheral, characteristic, measured.payload)
            if self.garbage:
                self.garbage = not await _say(peripheral, characteristic, _GARBAGE)


async def _say(peripheral: Peripheral, characteristic: Characteristic, payload: bytes) -> bool:
    if characteristic.properties & Property.INDICATE:
        return await peripheral.indicate(characteristic, payload)
    return await peripheral.notify(characteristic, payload)


class Clock:
    """A device's clock in a Date Time characteristic. From the factory it runs from the start of 2016."""

    def __init__(self) -> None:
        self._set_to, self._set_at_s = _FACTORY_TIME, now_ns() / 1e9
        self.characteristic = Characteristic(
            current_time.DATE_TIME,
            Property.READ | Property.WRITE,
            on_read=lambda: self.shows(now_ns() / 1e9).encode(),
            on_write=lambda data: self.set(data, now_ns() / 1e9),
        )

    def shows(self, time_s: float) -> DeviceTime:
        """What it shows at `time_s`."""
        return device_time(self._set_to + timedelta(seconds=time_s - self._set_at_s))

    def set(self, data: bytes, time_s: float) -> None:
        """A Date Time value was written at `time_s`; one that is none is ignored."""
        moment = as_datetime(DeviceTime.decode(Fields(data)))
        if moment:
            self._set_to, self._set_at_s = moment, time_s


def draw(patient: Patient) -> Random:
    """Random numbers of `patient`'s own."""
    return Random(patient.temperature(0.0))


def cycle(length: int) -> Iterator[int]:
    """0 to `length` - 1, again and again."""
    while True:
        yield from range(length)
