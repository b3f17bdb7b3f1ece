"""A simulated thermometer of no make, that is moved from place to place; its temperatures are synthetic."""

from collections.abc import Sequence
from decimal import Decimal

from devices.codecs import thermometer
from devices.codecs.ieee11073 import Number
from devices.codecs.thermometer import Place, Temperature
from devices.model.observation import NoValue
from hil.radio.peripheral import Characteristic, Property, Service
from hil.sims.models._stepped import Clock, Sent, Stepped, cycle
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured

_PLACES = tuple(Place)
_NONE = NoValue.NOT_AVAILABLE


class AnyThermometer(Stepped):
    """An intermediate temperature, then a measurement with its time, each time at the next place."""

    period_s = 2.0

    def __init__(self, patient: Patient) -> None:
        super().__init__()
        self._patient = patient
        self._places = cycle(len(_PLACES))
        self.clock = Clock()
        self.measurement = Characteristic(thermometer.MEASUREMENT, Property.INDICATE, encrypted=True)
        self.intermediate = Characteristic(thermometer.INTERMEDIATE, Property.NOTIFY, encrypted=True)
        own = [self.measurement, self.intermediate, self.clock.characteristic]
        self.services: Sequence[Service] = [Service(thermometer.SERVICE, own)]

    def step(self, time_s: float) -> list[Sent]:
        """NaN while it is off the skin."""
        place = _PLACES[next(self._places)]
        warm: Number = Decimal(f"{self._patient.temperature(time_s):.1f}") if self.on_patient else _NONE
        warming: Number = warm if isinstance(warm, NoValue) else warm - 1
        return [
            self._sent(self.intermediate, Temperature(warming, place=place)),
            self._sent(self.measurement, Temperature(warm, time=self.clock.shows(time_s), place=place)),
        ]

    def _sent(self, characteristic: Characteristic, value: Temperature) -> Sent:
        number = None if isinstance(value.number, NoValue) else float(value.number)
        metric = thermometer.metric_of(value.place)
        return Sent(characteristic, Measured(value.encode(), {metric: number}))


SIMULATORS: dict[str, MakeSim] = {"bluetooth-thermometer": AnyThermometer}
