"""Simulated scales: weight, and body composition in two packets; synthetic."""

from collections.abc import Sequence

from devices.codecs import body_composition, weight_scale
from devices.codecs.body_composition import BodyComposition
from devices.codecs.weight_scale import FAILED, Steps, Weight
from devices.profiles import BleLink, profile
from hil.radio.peripheral import Characteristic, Property, Service
from hil.sims.models._stepped import Clock, Sent, Stepped, draw
from hil.sims.patient import Patient
from hil.sims.simulated import MakeSim, Measured


class Body:
    """A patient's body, in the counts of the services."""

    def __init__(self, patient: Patient) -> None:
        own = draw(patient)
        self.weight = own.randrange(10_000, 22_000)  # 0.005 kg
        self.height = own.randrange(1500, 1950)  # mm
        self.body_fat = own.randrange(120, 350)  # 0.1 %

    @property
    def bmi(self) -> int:
        """In 0.1 kg/m²."""
        return round(self.weight * 0.005 / (self.height / 1000) ** 2 * 10)


class Scale(Stepped):
    """A scale with a clock, that tells a weight every five seconds; it must be paired with.

    With nobody on it, it tells a measurement that failed. `measurement` is the UUID of its weight, which it
    counts in `steps`.
    """

    period_s = 5.0

    def __init__(
        self,
        patient: Patient,
        service: str,
        measurement: str = weight_scale.MEASUREMENT,
        steps: Steps = weight_scale.SPECIFIED,
    ) -> None:
        super().__init__()
        self.body = Body(patient)
        self._step_kg = float(steps.kilograms)
        self.clock = Clock()
        self.weight = Characteristic(measurement, Property.INDICATE, encrypted=True)
        self.services: Sequence[Service] = [Service(service, [self.weight, self.clock.characteristic])]

    def step(self, time_s: float) -> list[Sent]:
        """A weight with its time."""
        count = round(self.body.weight * 0.005 / self._step_kg)
        value = Weight(count if self.on_patient else FAILED, time=self.clock.shows(time_s))
        told = round(count * self._step_kg, 3) if self.on_patient else None
        return [Sent(self.weight, Measured(value.encode(), {"weight": told}))]


class Analyser(Scale):
    """A scale that tells BMI, height and body composition too."""

    def __init__(self, patient: Patient) -> None:
        super().__init__(patient, weight_scale.SERVICE)
        self.composition = Characteristic(body_composition.MEASUREMENT, Property.INDICATE, encrypted=True)
        self.services: Sequence[Service] = [
            *self.services,
            Service(body_composition.SERVICE, [self.composition]),
        ]

    def step(self, time_s: float) -> list[Sent]:
        """A weighing: the weight, then the composition in two packets."""
        if not self.on_patient:
            failed = BodyComposition(FAILED, time=self.clock.shows(time_s))
            return [
                *super().step(time_s),
                Sent(self.composition, Measured(failed.encode(), {"body_fat": None})),
            ]
        return [self._weighed(time_s), *self._composed(time_s)]

    def _weighed(self, time_s: float) -> Sent:
        body = self.body
        value = Weight(body.weight, time=self.clock.shows(time_s), user=1, bmi=body.bmi, height=body.height)
        numbers = {
            "weight": round(body.weight * 0.005, 3),
            "bmi": round(body.bmi * 0.1, 1),
            "height": round(body.height * 0.1, 1),
        }
        return Sent(self.weight, Measured(value.encode(), numbers))

    def _composed(self, time_s: float) -> list[Sent]:
        fat, lean = self.body.body_fat, round(self.body.weight * (1 - self.body.body_fat / 1000))
        soft, water = round(lean * 0.95), round(lean * 0.73)
        first = {"basal-metabolism": 6800, "muscle-percentage": 400}
        second = {"fat-free-mass": lean, "soft-lean-mass": soft, "body-water-mass": water, "impedance": 5000}
        time = self.clock.shows(time_s)
        packets = (
            BodyComposition(fat, first, time=time, user=1, multiple=True),
            BodyComposition(fat, second, multiple=True),
        )
        told = {"fat_free_mass": lean, "soft_lean_mass": soft, "body_water": water}
        numbers = ({"body_fat": fat / 10}, {metric: round(raw * 0.005, 3) for metric, raw in told.items()})
        pairs = zip(packets, numbers, strict=True)
        return [Sent(self.composition, Measured(packet.encode(), told)) for packet, told in pairs]


def _uc_352(patient: Patient) -> Scale:
    return Scale(patient, weight_scale.SERVICE)


def _old_uc_352(patient: Patient) -> Scale:
    link = profile("and-uc-352ble-old").link
    assert isinstance(link, BleLink)
    measurement = next(one.uuid for one in link.characteristics if not one.optional)
    return Scale(patient, link.service, measurement, weight_scale.AND_OWN)


SIMULATORS: dict[str, MakeSim] = {
    "and-uc-352ble": _uc_352,
    "and-uc-352ble-old": _old_uc_352,
    "bluetooth-weight-scale": Analyser,
    "bluetooth-body-composition": Analyser,
}
