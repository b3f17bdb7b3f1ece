"""Simulated blood glucose meters (Glucose Service): they remember, and tell when they are asked or measure.

A meter off the patient still measures when its time has come: it finds too little blood and gives no value.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from devices.codecs import current_time, glucose_meter
from devices.codecs.device_clock import device_time
from devices.codecs.glucose_context import Context
from devices.codecs.glucose_values import CONTROL_SOLUTION, Annunciation, Measurement, encode_features
from devices.codecs.ieee11073 import Number
from devices.model.glucose import MASS, MG_PER_MMOL, MOLAR, measured_in
from devices.model.observation import NoValue
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted, now_ns
from hil.sims.models._stored_records import Shelf, Stored, local_now, send
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim

_STORED_BEFORE = 4
_STORED_EVERY = timedelta(hours=3)
_KINDS = ((1, 1), (2, 1), (CONTROL_SOLUTION, 4), (8, 15))
"""Types and locations, in turns."""
_OFFSET_MIN = 60
_TURN_S = 0.05


class Meter:
    """A meter. `period_s` is how often it measures; some show mmol/L and send mol/L (`molar`)."""

    period_s = 30.0

    def __init__(
        self,
        patient: Patient,
        *,
        molar: bool = False,
        encrypted: bool = False,
        clock: Callable[[], datetime] = local_now,
    ) -> None:
        self.on_patient = True
        self.garbage = False
        self.service_data: Mapping[str, bytes] = {}
        self._molar, self._clock = molar, clock
        self._glucose = Wander(patient.spo2(0), middle=120, swing=50, knot_s=600)
        self.shelf = Shelf(encrypted=encrypted)
        self.measurement = Characteristic(glucose_meter.MEASUREMENT, Property.NOTIFY, encrypted=encrypted)
        self.context = Characteristic(glucose_meter.CONTEXT, Property.NOTIFY, encrypted=encrypted)
        feature = Characteristic(
            glucose_meter.FEATURE, Property.READ, encode_features("low-battery-detection,sample-size")
        )
        own = [self.measurement, self.context, feature, self.shelf.control]
        time = Characteristic(current_time.CURRENT_TIME, Property.READ, on_read=self.shown)
        self.services: Sequence[Service] = [
            Service(glucose_meter.SERVICE, own),
            Service(current_time.SERVICE, [time]),
        ]
        for number in range(_STORED_BEFORE, 0, -1):
            self.measure(0.0, number * _STORED_EVERY)

    def shown(self) -> bytes:
        """Its clock."""
        return current_time.CurrentTime.of(self._clock()).encode()

    def measure(self, time_s: float, ago: timedelta = timedelta(0)) -> Stored:
        """Measure and store, as if `ago`."""
        number = len(self.shelf.records)
        sample_type, location = _KINDS[number % len(_KINDS)]
        status, concentration = Annunciation.SAMPLE_SIZE_INSUFFICIENT, self._none()
        if self.on_patient:
            status, concentration = Annunciation(0), self._told(time_s)
        base = self._clock() - ago - timedelta(minutes=_OFFSET_MIN)
        value = Measurement(
            sequence=number,
            base_time=device_time(base),
            offset_min=_OFFSET_MIN,
            concentration=concentration,
            molar=self._molar,
            sample_type=sample_type,
            location=location,
            status=status,
            context_follows=True,
        )
        sample = "glucose_cap" if sample_type in (1, 2) else "glucose"
        metric = measured_in(sample, MOLAR if self._molar else MASS)
        context = Context(number, meal=1 + number % 5)
        record = Stored(
            number,
            [(self.measurement, value.encode()), (self.context, context.encode())],
            {metric: self._shown(concentration)},
            ago.total_seconds(),
        )
        self.shelf.put(record)
        return record

    def _none(self) -> Number:
        return NoValue.NOT_AVAILABLE

    def _told(self, time_s: float) -> Number:
        """kg/L to 1 mg/dL, or mol/L to 0.1 mmol/L."""
        value = self._glucose.at(time_s)
        return (
            Decimal(round(value / float(MG_PER_MMOL) * 10)).scaleb(-4)
            if self._molar
            else Decimal(round(value)).scaleb(-5)
        )

    def _shown(self, concentration: Number) -> float | None:
        if isinstance(concentration, NoValue):
            return None
        return float(concentration * (Decimal(1000) if self._molar else Decimal(100_000)))

    async def run(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """See `RadioSim`."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self.period_s
        while True:
            await self.shelf.serve(peripheral, emitted)
            if loop.time() >= due:
                due += self.period_s
                await self.shelf.tell(self.measure(now_ns() / 1e9), peripheral, emitted)
            if self.garbage:
                self.garbage = not await send(peripheral, self.measurement, b"\xff")
            await asyncio.sleep(_TURN_S)


SIMULATORS: dict[str, MakeSim] = {
    "accu-chek-guide": partial(Meter, encrypted=True),
    "contour-next-one": partial(Meter, molar=True, encrypted=True),
    "bluetooth-glucose-meter": Meter,
}
