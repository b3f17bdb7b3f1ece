"""The node as a Bluetooth peripheral: the standard services, and the stream of the node's own frames.

Needs aioble (micropython-lib 0.6) and a radio: ESP32 or Pico W. The stream's frames are cut into
notifications of what one connection carries; the host's come by writes without response.
"""

import asyncio

import aioble
import bluetooth

from firmware.hal import gatt

STREAM = "7d1b0001-5f0c-4a3e-9a6e-57617264006c"
TO_HOST = "7d1b0002-5f0c-4a3e-9a6e-57617264006c"
TO_NODE = "7d1b0003-5f0c-4a3e-9a6e-57617264006c"
_ADVERTISE_US = 250000
_ATT_HEAD = 3
_SMALLEST = 20


def _notified(service, number: int) -> "aioble.Characteristic":
    return aioble.Characteristic(service, bluetooth.UUID(number), read=True, notify=True)


class Peripheral:
    """The peripheral called `name`. `run` it as a task; tell it values as they are measured."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._connection = None
        oximeter, heart, thermometer, battery = [
            aioble.Service(bluetooth.UUID(number))
            for number in (gatt.PULSE_OXIMETER, gatt.HEART_RATE, gatt.THERMOMETER, gatt.BATTERY)
        ]
        self._plx = aioble.Characteristic(oximeter, bluetooth.UUID(gatt.PLX_CONTINUOUS), notify=True)
        features = aioble.Characteristic(oximeter, bluetooth.UUID(gatt.PLX_FEATURES), read=True)
        self._heart = aioble.Characteristic(heart, bluetooth.UUID(gatt.HEART_RATE_MEASUREMENT), notify=True)
        self._temperature = aioble.Characteristic(
            thermometer, bluetooth.UUID(gatt.TEMPERATURE), indicate=True
        )
        self._battery = _notified(battery, gatt.BATTERY_LEVEL)
        stream = aioble.Service(bluetooth.UUID(STREAM))
        self._to_host = aioble.Characteristic(stream, bluetooth.UUID(TO_HOST), notify=True)
        self._to_node = aioble.Characteristic(
            stream, bluetooth.UUID(TO_NODE), write=True, write_no_response=True, capture=True
        )
        aioble.register_services(oximeter, heart, thermometer, battery, stream)
        features.write(b"\x00\x00")

    async def run(self, heard) -> None:
        """Advertise, be connected, hand `heard` the host's bytes; for ever."""
        services = [bluetooth.UUID(one) for one in (gatt.PULSE_OXIMETER, gatt.HEART_RATE, STREAM)]
        self._listening = asyncio.create_task(self._listen(heard))
        while True:
            connection = await aioble.advertise(_ADVERTISE_US, name=self._name, services=services)
            self._connection = connection
            heard(b"\0")  # what the last host did not end is no part of this one's first frame
            await connection.disconnected(timeout_ms=None)
            self._connection = None

    async def _listen(self, heard) -> None:
        while True:
            _, data = await self._to_node.written()
            heard(data)

    def is_connected(self) -> bool:
        """Whether a host is there; `run` hears of its end a little later than the radio."""
        return self._connection is not None and self._connection.is_connected()

    def send(self, frame: bytes) -> None:
        """Notify a frame of the stream, in parts."""
        connection = self._connection
        if connection is None or not self.is_connected():
            return
        size = max(_SMALLEST, (connection.mtu or 0) - _ATT_HEAD)
        for start in range(0, len(frame), size):
            self._to_host.notify(connection, frame[start : start + size])

    def oximetry(self, said) -> None:
        """Notify what the oximeter says, and the pulse as a heart rate."""
        if self.is_connected():
            self._plx.notify(self._connection, gatt.plx_continuous(said))
            self._heart.notify(self._connection, gatt.heart_rate(said.pulse))

    async def temperature(self, hundredths) -> None:
        """Indicate a temperature of the skin."""
        if self.is_connected():
            value = gatt.temperature(hundredths, gatt.FINGER)
            await self._temperature.indicate(self._connection, value)

    def battery(self, percent) -> None:
        """Notify the charge, where it is known."""
        if percent is not None:
            self._battery.write(gatt.battery_level(percent), send_update=True)
