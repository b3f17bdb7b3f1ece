"""A simulated room sensor that advertises in the BTHome v2 format: temperature, humidity, battery, a door.

Its peripheral advertises each packet, heard again and again, until the next.
"""

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from devices.codecs.bthome import encode
from devices.codecs.bthome_objects import BATTERY, PACKET_ID, QUANTITIES, Object
from hil.radio.peripheral import Peripheral, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

SERVICE = "fcd2"
"""The 16-bit UUID of the service data: a longer one leaves no room in the advertisement."""
_ROOM = 22.0
"""°C."""
_TEMPERATURE, _HUMIDITY, _DOOR = 0x02, 0x03, 0x1A


class RoomSensor:
    """A `RadioSim`. With `on_patient` False it tells no numbers, and that its door is open.

    Somebody may say how warm it is there (`Dials.surroundings`): it wanders about that.
    """

    PERIOD_S = 4.0
    """From one packet to the next: in less than the 5 s after which the end check takes none for new."""

    def __init__(self, patient: Patient) -> None:
        self.on_patient = True
        self.garbage = False
        self.services: Sequence[Service] = []
        self._packet = 0
        self._patient = patient
        self._temperature = Wander(patient.spo2(0), middle=_ROOM, swing=1.5, knot_s=600)
        self._humidity = Wander(patient.spo2(1), middle=45.0, swing=10.0, knot_s=900)
        self._first = self.measure(now_ns() / 1e9)
        self.service_data: Mapping[str, bytes] = {SERVICE: self._first.payload}

    def measure(self, time_s: float) -> Measured:
        """The next packet: its service data, and what it says."""
        told = [Object(PACKET_ID, bytes((self._packet,))), Object(BATTERY, bytes((87,)))]
        told.append(Object(_DOOR, bytes((not self.on_patient,))))
        self._packet = (self._packet + 1) % 256
        values: dict[str, float] = {}
        about = self._patient.turned("surroundings", _ROOM)
        if self.on_patient:
            values = {
                "ambient_temp": round(self._temperature.at(time_s) - _ROOM + about, 2),
                "ambient_humidity": round(self._humidity.at(time_s), 2),
            }
            for number, value in zip((_TEMPERATURE, _HUMIDITY), values.values(), strict=True):
                told.append(Object(number, QUANTITIES[number].encode(Decimal(str(value)))))
        return Measured(encode(told), values)

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        emitted.sent(now_ns(), self._first.values)
        while True:
            await asyncio.sleep(self.PERIOD_S)
            at = now_ns()
            measured = self.measure(at / 1e9)
            emitted.sent(at, measured.values)
            await peripheral.advertise({SERVICE: measured.payload})


SIMULATORS: dict[str, MakeSim] = {"bthome-sensor": RoomSensor}
