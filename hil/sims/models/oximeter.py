"""A simulated pulse oximeter (Pulse Oximeter Service) that measures continuously and stores spot-checks.

Off the finger it says so, gives no values and stores nothing.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from devices.codecs import pulse_oximeter
from devices.codecs.device_clock import device_time
from devices.codecs.plx_status import Measurement, Status
from devices.codecs.pulse_oximeter import Saturation, SpotCheck
from devices.model.observation import NoValue
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.models._stored_records import Shelf, Stored, local_now, send
from hil.sims.models.vital_signs import Oximeter
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_FEATURES = "measurement-status,sensor-status,storage,time,amplitude-index"
_STORED_BEFORE, _STORED_EVERY = 3, timedelta(hours=2)
_TURN_S = 0.05


class StoringOximeter:
    """Measures every `period_s`, and stores one of its measurements every `check_s`."""

    period_s = 1.0
    check_s = 30.0

    def __init__(self, patient: Patient, *, clock: Callable[[], datetime] = local_now) -> None:
        self.on_patient = True
        self.garbage = False
        self.service_data: Mapping[str, bytes] = {}
        self._patient, self._clock = patient, clock
        self._finger = Oximeter(patient)
        self.shelf = Shelf(by_number=False)
        self.continuous = self._finger.measurement
        self.spot_check = Characteristic(pulse_oximeter.SPOT_CHECK, Property.INDICATE)
        features = pulse_oximeter.encode_features(_FEATURES)
        readable = Characteristic(pulse_oximeter.FEATURES, Property.READ, features)
        own = [self.continuous, self.spot_check, readable, self.shelf.control]
        self.services: Sequence[Service] = [Service(pulse_oximeter.SERVICE, own)]
        for ago in range(_STORED_BEFORE, 0, -1):
            self.check(600.0 * ago, ago * _STORED_EVERY, Measurement.FROM_STORAGE)

    def measure(self, time_s: float) -> Measured:
        """What it sends of itself."""
        self._finger.on_patient = self.on_patient
        return self._finger.measure(time_s)

    def check(
        self,
        time_s: float,
        ago: timedelta = timedelta(0),
        status: Measurement = Measurement.VALIDATED,
    ) -> Stored:
        """Measure once and store, as if `ago`."""
        pair = self._pair(time_s)
        value = SpotCheck(pair, device_time(self._clock() - ago), Status(status))
        sent = [(self.spot_check, value.encode())]
        record = Stored(len(self.shelf.records), sent, _values(pair), ago.total_seconds())
        self.shelf.put(record)
        return record

    def _pair(self, time_s: float) -> Saturation:
        spo2, rate = round(self._patient.spo2(time_s)), round(self._patient.heart_rate(time_s))
        return Saturation(Decimal(spo2), Decimal(rate))

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        loop = asyncio.get_running_loop()
        due, check_due = loop.time(), loop.time() + self.check_s
        while True:
            await self.shelf.serve(peripheral, emitted)
            if loop.time() >= due:
                due += self.period_s
                await self._send_measurement(peripheral, emitted)
            if loop.time() >= check_due:
                check_due += self.check_s
                if self.on_patient:
                    await self.shelf.tell(self.check(now_ns() / 1e9), peripheral, emitted)
            if self.garbage:
                self.garbage = not await send(peripheral, self.continuous, b"\xff")
            await asyncio.sleep(_TURN_S)

    async def _send_measurement(self, peripheral: Peripheral, emitted: Emitted) -> None:
        at = now_ns()
        measured = self.measure(at / 1e9)
        if peripheral.is_subscribed(self.continuous):
            emitted.sent(at, measured.values)
            await send(peripheral, self.continuous, measured.payload)


def _values(pair: Saturation) -> dict[str, float | None]:
    told = {"spo2": pair.spo2, "pr_spo2": pair.pulse_rate}
    return {name: None if isinstance(number, NoValue) else float(number) for name, number in told.items()}


SIMULATORS: dict[str, MakeSim] = {"bluetooth-pulse-oximeter": StoringOximeter}
