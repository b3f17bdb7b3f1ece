"""Simulated blood pressure monitors: a cuff that fills and empties, then a measurement; synthetic."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from devices.codecs import blood_pressure
from devices.codecs.blood_pressure import BloodPressure
from devices.codecs.ieee11073 import Number
from devices.model.observation import NoValue
from hil.radio.peripheral import Characteristic, Peripheral, Property, Service
from hil.sims.emitted import Emitted
from hil.sims.models._stepped import Clock, Sent, Stepped, draw
from hil.sims.patient import Patient, Wander
from hil.sims.simulated import MakeSim, Measured

_CUFF_MMHG = (0, 60, 120, 170, 150, 120, 90, 60, 30, 0)
"""What the cuff shows in a measurement, half a second each."""


class Pressures:
    """A patient's blood pressure: a slow wandering."""

    def __init__(self, patient: Patient) -> None:
        own = draw(patient)
        self._patient = patient
        self._systolic = Wander(own.random(), middle=own.uniform(105, 145), swing=10, knot_s=300)
        self._pulse_pressure = Wander(own.random(), middle=own.uniform(35, 55), swing=5, knot_s=300)

    def at(self, time_s: float) -> tuple[int, int, int]:
        """Systolic, diastolic and mean, mmHg."""
        systolic, pulse_pressure = round(self._systolic.at(time_s)), round(self._pulse_pressure.at(time_s))
        diastolic = round(self._patient.turned("diastolic", systolic - pulse_pressure))
        systolic = round(self._patient.turned("systolic", systolic))
        return systolic, diastolic, diastolic + (systolic - diastolic) // 3


class Monitor(Stepped):
    """A blood pressure monitor with a clock, that measures every `every_s`, and when its button is pressed,
    as long as somebody listens; it must be paired with.

    Without an arm in the cuff it tells NaN and that the cuff is too loose. With `cuff` it tells the cuff's
    pressure, twice a second, while it measures. One that leaks gets no measurement done, and its service has
    no word for why.
    """

    period_s = 0.5
    every_s = 10.0

    def __init__(self, patient: Patient, *, cuff: bool = False) -> None:
        super().__init__()
        self.leaks = self.is_pressed = False
        self._patient, self._pressures = patient, Pressures(patient)
        self._has_cuff = cuff
        self._place = 0
        self.clock = Clock()
        self.measurement = Characteristic(blood_pressure.MEASUREMENT, Property.INDICATE, encrypted=True)
        self.cuff = Characteristic(blood_pressure.INTERMEDIATE, Property.NOTIFY, encrypted=True)
        feature = blood_pressure.encode_feature("body-movement,cuff-fit,irregular-pulse")
        features = Characteristic(blood_pressure.FEATURE, Property.READ, feature)
        own = [self.measurement, features, self.clock.characteristic, *([self.cuff] if cuff else [])]
        self.services: Sequence[Service] = [Service(blood_pressure.SERVICE, own)]

    def step(self, time_s: float) -> list[Sent]:
        """The cuff's pressure while it measures, at the end the measurement, then a pause."""
        step, self._place = self._place, self._place + 1
        if self._place * self.period_s >= self.every_s or (self.is_pressed and step > len(_CUFF_MMHG)):
            self._place, self.is_pressed = 0, False
        if step < len(_CUFF_MMHG):
            pressure = Decimal(_CUFF_MMHG[step])
            value = Measured(BloodPressure(pressure).encode(), {"cuff_pressure": float(pressure)})
            return [Sent(self.cuff, value)] if self._has_cuff else []
        return [Sent(self.measurement, self._measure(time_s))] if step == len(_CUFF_MMHG) else []

    async def send(self, peripheral: Peripheral, emitted: Emitted) -> None:
        """It waits while nobody listens."""
        if peripheral.is_subscribed(self.measurement):
            await super().send(peripheral, emitted)

    def _measure(self, time_s: float) -> Measured:
        numbers: list[Number] = [NoValue.NOT_AVAILABLE] * 4
        if self.on_patient and not self.leaks and self._patient.has_pulse(time_s):
            measured = (*self._pressures.at(time_s), round(self._patient.heart_rate(time_s)))
            numbers = [Decimal(number) for number in measured]
        status = 0 if self.on_patient else blood_pressure.LOOSE
        systolic, diastolic, mean, rate = numbers
        time = self.clock.shows(time_s)
        value = BloodPressure(systolic, diastolic, mean, time=time, pulse_rate=rate, status=status)
        told = [None if isinstance(number, NoValue) else float(number) for number in numbers]
        return Measured(value.encode(), dict(zip(blood_pressure.METRICS, told, strict=True)))


class BeurerMonitor(Monitor):
    """As Beurer's tell it: no mean, always a user, pulse rate and status with the high byte first."""

    def _measure(self, time_s: float) -> Measured:
        plain = super()._measure(time_s)
        value = BloodPressure.decode(plain.payload)
        whole = bytearray(replace(value, mean=Decimal(0), user=0).encode())
        whole[0] &= ~8  # the user is there, its flag is not
        whole[-5:-3], whole[-2:] = whole[-5:-3][::-1], whole[-2:][::-1]
        values = {metric: number for metric, number in plain.values.items() if metric != "nibp_map"}
        return Measured(bytes(whole), values)


def _with_cuff(patient: Patient) -> Monitor:
    return Monitor(patient, cuff=True)


SIMULATORS: dict[str, MakeSim] = {
    "and-ua-651ble": Monitor,
    "omron-blesmart": Monitor,
    "beurer-bm85": BeurerMonitor,
    "beurer-bm59": BeurerMonitor,
    "bluetooth-blood-pressure": _with_cuff,
}
